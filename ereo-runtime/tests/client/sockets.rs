//! Sockets that come back.

use std::sync::atomic::{AtomicUsize, Ordering};

use actix_web::{HttpRequest, error};
use ereo_runtime::client::{Error, Lost, News, NotTaken, Socket as Followed};
use ereo_runtime::prelude::*;
use ereo_runtime::{CloseCode, Delivery, ResetReason};
use serde_json::{Value, json};

use crate::support::{PATIENCE, Said, Server, at_once, client, heard};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Message)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Told {
    Line { id: String, number: u64 },
    Reset,
    Said { text: String },
}

#[derive(Clone, Serialize, Message)]
struct Number(u64);

/// Forwards a subscription with its positions, and says what it is told.
#[websocket("/client/lines", ping = "50ms", idle = "1s")]
async fn lines(
    mut socket: Socket<String, Told>,
    set: Data<ClientSet<Number>>,
    last: LastEventId,
) -> Result<(), SocketError> {
    let mut lines = set.subscribe(last);
    loop {
        tokio::select! {
            delivery = lines.recv() => {
                let id = lines.position().to_string();
                let told = match delivery {
                    Some(Delivery::Message { message, .. }) => Told::Line { id, number: message.0 },
                    Some(Delivery::Reset { .. }) => Told::Reset,
                    _ => return Ok(()),
                };
                socket.send(&told).await?;
            }
            said = socket.recv() => match said? {
                Some(text) if text == "kick" => {
                    return Err(SocketError::close(CloseCode::new(4001).unwrap(), "kicked"));
                }
                Some(text) if text == "expire" => {
                    return Err(SocketError::close(CloseCode::UNAUTHORIZED, "expired"));
                }
                Some(text) => socket.send(&Told::Said { text }).await?,
                None => return Ok(()),
            },
        }
    }
}

static OPENED: AtomicUsize = AtomicUsize::new(0);

struct Token;

impl actix_web::FromRequest for Token {
    type Error = actix_web::Error;
    type Future = std::future::Ready<Result<Self, Self::Error>>;

    fn from_request(req: &HttpRequest, _: &mut actix_web::dev::Payload) -> Self::Future {
        let number = OPENED.fetch_add(1, Ordering::Relaxed);
        let token = req.headers().get("authorization").and_then(|it| it.to_str().ok());
        let right = token == Some(&format!("Bearer {number}"));
        std::future::ready(right.then_some(Self).ok_or_else(|| error::ErrorUnauthorized("who?")))
    }
}

/// Takes each token for one connection, and says 3000 then.
#[websocket("/client/once")]
async fn once(_token: Token, socket: Socket<String, Value>) -> Result<(), SocketError> {
    socket.send(&json!("welcome")).await?;
    Err(SocketError::close(CloseCode::UNAUTHORIZED, "expired"))
}

fn serving(set: &ClientSet<Number>, address: Option<std::net::SocketAddr>) -> Server {
    let set = Data::new(set.clone());
    Server::start(address, move |app| {
        let routes = ereo_runtime::routes().unwrap().only(module_path!());
        app.app_data(set.clone()).service(routes);
    })
}

fn url(server: &Server, path: &str) -> String {
    server.url(path).replace("http", "ws")
}

fn position(told: &Told) -> Option<Position> {
    match told {
        Told::Line { id, .. } => id.parse().ok(),
        _ => None,
    }
}

#[tokio::test]
async fn what_is_forwarded_with_positions_goes_on_from_there() {
    let set = ClientSet::<Number>::new();
    let mut server = serving(&set, None);
    let target = client().at(&url(&server, lines::ROUTE)).unwrap().backoff(at_once());
    let mut socket = target.socket::<Told, String>().with_position(position);
    assert_eq!(socket.send(&"early".to_owned()), Ok(()), "waits for the connection");
    let mut said = Vec::new();
    assert_eq!(heard(&mut socket, &mut said).await, Told::Said { text: "early".into() });
    for number in 0..5 {
        set.broadcast(&Number(number)).unwrap();
        let told = heard(&mut socket, &mut said).await;
        assert!(matches!(told, Told::Line { number: it, .. } if it == number), "{told:?}");
        let address = if number % 2 == 0 { server.drain() } else { server.kill() };
        set.broadcast(&Number(100 + number)).unwrap();
        server = serving(&set, Some(address));
        let told = heard(&mut socket, &mut said).await;
        assert!(matches!(told, Told::Line { number: it, .. } if it == 100 + number), "{told:?}");
    }
    let drained =
        said.iter().filter(|said| matches!(said, Said::Lost(Lost::Ended(Some((1012, _))))));
    assert_eq!(drained.count(), 3, "{said:?}");
}

#[tokio::test]
async fn final_codes_are_the_end_and_others_are_not() {
    let server = serving(&ClientSet::new(), None);
    let target = client().at(&url(&server, lines::ROUTE)).unwrap().backoff(at_once());
    let mut socket: Followed<Told, String> = target.socket();
    socket.send(&"kick".to_owned()).unwrap();
    let opened = tokio::time::timeout(PATIENCE, socket.next()).await.unwrap();
    assert_eq!(opened, Ok(Some(News::Open)));
    let ended = tokio::time::timeout(PATIENCE, socket.next()).await.unwrap();
    assert_eq!(ended, Err(Error::Closed { code: 4001, reason: "kicked".into() }));
    assert_eq!(socket.next().await, Ok(None));
    assert_eq!(socket.send(&"late".to_owned()), Err(NotTaken::Ended));

    let target = client().at(&url(&server, lines::ROUTE)).unwrap().backoff(at_once());
    let mut socket: Followed<Told, String> = target.final_codes(|_| false).socket();
    socket.send(&"kick".to_owned()).unwrap();
    socket.send(&"still here".to_owned()).unwrap();
    // Sent to the connection that was being closed, or to the next one: the queue says nothing of it.
    let lost = loop {
        match tokio::time::timeout(PATIENCE, socket.next()).await.unwrap().unwrap() {
            Some(News::Lost { cause, .. }) => break cause,
            other => assert!(other.is_some()),
        }
    };
    assert_eq!(lost, Lost::Ended(Some((4001, "kicked".into()))));
    for _ in 0..100 {
        let _ = socket.send(&"many".to_owned());
    }
    assert_eq!(socket.send(&"one too many".to_owned()), Err(NotTaken::Full));
}

#[tokio::test]
async fn expired_credentials_are_asked_for_again() {
    let server = serving(&ClientSet::new(), None);
    let target = client().at(&url(&server, once::ROUTE)).unwrap().backoff(at_once());
    let asked = AtomicUsize::new(0);
    let target = target.credentials(move |_| {
        let number = asked.fetch_add(1, Ordering::Relaxed);
        async move { Ok::<_, String>(format!("Bearer {number}")) }
    });
    let mut socket = target.socket::<Value, String>();
    let mut said = Vec::new();
    for _ in 0..2 {
        assert_eq!(heard(&mut socket, &mut said).await, "welcome");
    }
    assert!(said.contains(&Said::Lost(Lost::Expired)), "{said:?}");

    let target = client().at(&url(&server, lines::ROUTE)).unwrap();
    let mut socket = target.socket::<Told, String>();
    socket.send(&"expire".to_owned()).unwrap();
    assert_eq!(socket.next().await, Ok(Some(News::Open)));
    assert_eq!(socket.next().await, Err(Error::Expired));
    let refused =
        client().at(&url(&server, "/nowhere")).unwrap().socket::<Told, String>().next().await;
    assert_eq!(refused, Err(Error::Refused { status: 404, location: None }));
}

#[tokio::test]
async fn a_socket_that_lags_is_told() {
    let script = concat!(
        "HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\n",
        "sec-websocket-accept: wrong\r\n\r\n",
    );
    let (address, _) = crate::support::scripted(vec![script.to_owned()]);
    let target = client().at(&address.replace("http", "ws")).unwrap().backoff(at_once());
    let news = target.socket::<Told, String>().next().await.unwrap().unwrap();
    assert!(matches!(news, News::Lost { cause: Lost::Broken(_), .. }), "{news:?}");

    // As a seat says it.
    let told = r#"{"type":"ereo.reset","reason":"lagged","missed":7}"#;
    let server = Server::start(None, |app| {
        app.service(ereo_runtime::routes().unwrap().only(module_path!()))
            .app_data(Data::new(ClientSet::<Number>::new()));
    });
    let target = client().at(&url(&server, raw::ROUTE)).unwrap();
    let mut socket = target.socket::<Value, String>();
    assert_eq!(socket.next().await, Ok(Some(News::Open)));
    socket.send(&told.to_owned()).unwrap();
    let Ok(Some(News::Reset(reset))) = socket.next().await else { panic!("no reset") };
    assert_eq!((reset.reason, reset.missed), (Some(ResetReason::Lagged), Some(7)));
    // What looks like a heartbeat and is none is the application's.
    socket.send(&r#"{"type":"ereo.heartbeat","data":1}"#.to_owned()).unwrap();
    assert_eq!(heard(&mut socket, &mut Vec::new()).await["data"], 1);
}

/// Says what it is told as it is.
#[websocket("/client/raw")]
async fn raw(mut socket: Socket<String, String>) -> Result<(), SocketError> {
    while let Some(text) = socket.recv().await? {
        socket.send(&text).await?;
    }
    Ok(())
}
