//! A socket that comes back for what it missed: the example of `ereo_runtime::broadcast`, over real
//! sockets.

use std::net::TcpStream;
use std::time::Duration;

use ereo_runtime::prelude::*;
use ereo_runtime::{CloseCode, Delivery, ResetReason};
use serde_json::{Value, json};
use tungstenite::client::IntoClientRequest;
use tungstenite::{HandshakeError, Message as Frame, WebSocket};

use crate::support::{Server, serve};

const PATIENCE: Duration = Duration::from_secs(20);

#[derive(Clone, Serialize, Message)]
#[serde(tag = "type")]
enum Sent {
    #[serde(rename = "line")]
    Line { id: Position, text: String },
    #[serde(rename = "reset")]
    Reset { id: Position, reason: ResetReason, missed: Option<u64> },
}

#[websocket("/resume/ws", ping = "off", idle = "off")]
async fn lines(
    mut socket: Socket<String, Sent>,
    set: Data<ClientSet<String>>,
    last: LastEventId,
) -> Result<(), SocketError> {
    let mut lines = set.subscribe(last);
    loop {
        tokio::select! {
            delivery = lines.recv() => {
                let id = lines.position();
                let sent = match delivery {
                    Some(Delivery::Message { message, .. }) => Sent::Line { id, text: message.clone() },
                    Some(Delivery::Reset { reason, missed, .. }) => Sent::Reset { id, reason, missed },
                    Some(Delivery::Expired) => return Err(SocketError::close(CloseCode::UNAUTHORIZED, "expired")),
                    None => return Err(SocketError::close(CloseCode::TRY_AGAIN_LATER, "lagged")),
                    Some(other) => unreachable!("{other:?}"),
                };
                socket.send(&sent).await?;
            }
            said = socket.recv() => match said? {
                Some(text) => { set.broadcast(&text)?; }
                None => return Ok(()),
            },
        }
    }
}

fn server(set: &ClientSet<String>) -> Server {
    let data = Data::new(set.clone());
    serve(move |app| {
        app.app_data(data.clone()).service(ereo_runtime::routes().unwrap().only(module_path!()));
    })
}

type Socketed = Result<WebSocket<TcpStream>, u16>;

fn connect(server: &Server, query: &str, header: Option<&str>) -> Socketed {
    let url = format!("ws://{}{}{query}", server.address, lines::ROUTE);
    let mut request = url.into_client_request().unwrap();
    if let Some(last) = header {
        request.headers_mut().insert("last-event-id", last.parse().unwrap());
    }
    let stream = TcpStream::connect(server.address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    match tungstenite::client(request, stream) {
        Ok((socket, _)) => Ok(socket),
        Err(HandshakeError::Failure(tungstenite::Error::Http(answer))) => {
            Err(answer.status().as_u16())
        }
        Err(error) => panic!("{error}"),
    }
}

/// Both ways for a position to come; a browser's `WebSocket` has only the second.
const WAYS: [fn(&Server, &str) -> Socketed; 2] = [
    |server, last| connect(server, "", Some(last)),
    |server, last| connect(server, &format!("?lastEventID={last}"), None),
];

fn heard(socket: &mut WebSocket<TcpStream>) -> Value {
    serde_json::from_str(&socket.read().unwrap().into_text().unwrap()).unwrap()
}

fn line(text: &str, id: &str) -> Value {
    json!({ "type": "line", "id": id, "text": text })
}

fn send(set: &ClientSet<String>, texts: &[&str]) -> Vec<String> {
    texts
        .iter()
        .map(|text| set.broadcast(&(*text).to_owned()).unwrap().position().unwrap().to_string())
        .collect()
}

#[test]
fn a_socket_that_comes_back_gets_what_it_missed_and_nothing_twice() {
    for way in WAYS {
        let set = ClientSet::new();
        let server = server(&set);
        let mut socket = connect(&server, "", None).unwrap();
        socket.send(Frame::text("one")).unwrap();
        let one = heard(&mut socket);
        assert_eq!(one, line("one", &set.position().to_string()));
        socket2::SockRef::from(socket.get_ref()).set_linger(Some(Duration::ZERO)).unwrap();
        drop(socket);
        let missed = send(&set, &["two", "three"]);
        let mut socket = way(&server, one["id"].as_str().unwrap()).unwrap();
        assert_eq!(heard(&mut socket), line("two", &missed[0]));
        // Lost once more, with one message unheard.
        drop(socket);
        let mut socket = way(&server, &missed[0]).unwrap();
        assert_eq!(heard(&mut socket), line("three", &missed[1]));
        let next = send(&set, &["four"]);
        assert_eq!(heard(&mut socket), line("four", &next[0]), "and goes on");
    }
}

#[test]
fn a_socket_that_cannot_go_on_is_told_what_is_missing() {
    for way in WAYS {
        let set = ClientSet::builder().history(2).build();
        let server = server(&set);
        let start = set.position().to_string();
        let sent = send(&set, &["one", "two", "three"]);
        let reset = |reason: &str, missed: Option<u64>| json!({ "type": "reset", "id": sent[2], "reason": reason, "missed": missed });
        assert_eq!(heard(&mut way(&server, &start).unwrap()), reset("expired", Some(3)));
        let future = format!("{}-4", set.position().epoch());
        for foreign in [&future, "0123456789abcdef-1", "nonsense", "42", "%"] {
            assert_eq!(heard(&mut way(&server, foreign).unwrap()), reset("epoch", None));
        }
        let mut before_oldest = way(&server, &sent[0]).unwrap();
        assert_eq!(heard(&mut before_oldest), line("two", &sent[1]));
        assert_eq!(heard(&mut before_oldest), line("three", &sent[2]));
        let mut at_the_end = way(&server, &sent[2]).unwrap();
        let next = send(&set, &["four"]);
        for socket in [&mut before_oldest, &mut at_the_end] {
            assert_eq!(heard(socket), line("four", &next[0]), "and goes on");
        }
    }
}

/// It is not read, so what it is sent waits, and its subscription is overtaken.
#[test]
fn a_socket_that_is_overtaken_is_closed_and_told_when_it_comes_back() {
    let set = ClientSet::builder().history(4).build();
    let server = server(&set);
    let mut socket = connect(&server, "", None).unwrap();
    socket.send(Frame::text("0")).unwrap();
    let mut last = heard(&mut socket);
    const MESSAGES: u64 = 2_000;
    for n in 1..MESSAGES {
        set.broadcast(&format!("{n} {}", "x".repeat(16 << 10))).unwrap();
    }
    let close = loop {
        match socket.read().unwrap() {
            Frame::Close(close) => break close.unwrap(),
            text => last = serde_json::from_str(&text.into_text().unwrap()).unwrap(),
        }
    };
    assert_eq!((u16::from(close.code), close.reason.as_str()), (1013, "lagged"));
    let last = last["id"].as_str().unwrap();
    let offset: u64 = last.rsplit('-').next().unwrap().parse().unwrap();
    assert!(offset < MESSAGES);
    for way in WAYS {
        let reset = heard(&mut way(&server, last).unwrap());
        assert_eq!(
            (&reset["reason"], &reset["missed"]),
            (&"expired".into(), &(MESSAGES - offset).into())
        );
    }
}
