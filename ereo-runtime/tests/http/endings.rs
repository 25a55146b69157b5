//! What becomes of a handler, and of what it has sent, over a socket of its own: its connection is one
//! task then. All of it holds through actix's dispatcher as well (`LEAN=off`).

use std::future::pending;
use std::net::TcpStream;
use std::sync::mpsc;
use std::task::{Context, Poll};
use std::time::Duration;

use actix_web::web::{self, Data};
use actix_web::{HttpRequest, HttpResponse};
use ereo_runtime::websocket::{FrameItem, FrameSource, HandshakeError, Linked as _, Options};
use ereo_runtime::{ClientId, Payload, Socket, SocketError, websocket};
use tokio::sync::Semaphore;
use tokio::time::sleep;
use tungstenite::{Message, WebSocket};

use crate::support::socket::{joined, text};
use crate::support::{Server, serve};

const PATIENCE: Duration = Duration::from_secs(20);

/// What a handler tells its test, and waits for.
struct Test {
    told: mpsc::SyncSender<String>,
    goes_on: Semaphore,
}

impl Test {
    fn tell(&self, what: impl Into<String>) {
        self.told.send(what.into()).unwrap();
    }
}

struct Client {
    server: Server,
    socket: WebSocket<TcpStream>,
    test: Data<Test>,
    told: mpsc::Receiver<String>,
}

impl Client {
    fn of(path: &str) -> Self {
        let (tell, told) = mpsc::sync_channel(8);
        let test = Data::new(Test { told: tell, goes_on: Semaphore::new(0) });
        let data = test.clone();
        let server = serve(move |app| {
            app.app_data(data.clone())
                .route("/endings/goes-on", web::get().to(goes_on))
                .service(ereo_runtime::routes().unwrap().only(module_path!()));
        });
        let socket = joined(server.address, path);
        Self { server, socket, test, told }
    }

    fn send(&mut self, text: &str) {
        self.socket.send(Message::text(text)).unwrap();
    }

    fn close(&mut self) -> Option<u16> {
        match self.socket.read().unwrap() {
            Message::Close(close) => close.map(|close| close.code.into()),
            other => panic!("a close frame was expected, not {other:?}"),
        }
    }
}

fn next(told: &mpsc::Receiver<String>) -> String {
    told.recv_timeout(PATIENCE).unwrap()
}

/// Waits, from before its connection has left actix on.
#[websocket("/endings/waits")]
async fn waits(socket: Socket<String, String>, test: Data<Test>) -> Result<(), SocketError> {
    let connection = socket.connection();
    let mut first = true;
    loop {
        let permit = test.goes_on.acquire();
        tokio::select! {
            permit = permit => permit.unwrap().forget(),
            () = sleep(Duration::from_millis(50)), if first => {
                first = false;
                connection.send(&"joined".to_owned()).await?;
                continue;
            }
        }
        connection.send(&"woken".to_owned()).await?;
    }
}

#[test]
fn a_handler_that_waited_before_its_connection_left_actix_is_woken_after_it() {
    let mut client = Client::of("/endings/waits");
    for _ in 0..3 {
        client.test.goes_on.add_permits(1);
        assert_eq!(text(&mut client.socket), "woken");
    }
}

struct Dropped(Data<Test>);

impl Drop for Dropped {
    fn drop(&mut self) {
        self.0.tell("dropped");
    }
}

/// Goes on when its peer is gone: for a moment, or for ever where it was told so.
async fn goes_on(
    request: HttpRequest,
    payload: web::Payload,
    test: Data<Test>,
) -> Result<HttpResponse, HandshakeError> {
    let options = Options::default().grace(Duration::from_millis(500));
    let upgrade = websocket::accept(&request, options)?;
    let handler = |mut socket: Socket<String, String>| async move {
        let _held = Dropped(test.clone());
        socket.send(&"joined".to_owned()).await?;
        let told = socket.recv().await?;
        if told.is_some() {
            assert_eq!(socket.recv().await?, None);
        }
        test.tell("ended");
        sleep(Duration::from_millis(100)).await;
        test.tell("went on");
        if told.is_some() {
            pending::<()>().await;
        }
        Ok::<_, SocketError>(())
    };
    Ok(upgrade.serve(payload.into_inner(), handler))
}

#[test]
fn a_handler_has_its_grace_when_its_peer_is_gone() {
    for reset in [false, true] {
        for for_ever in [false, true] {
            let mut client = Client::of("/endings/goes-on");
            if for_ever {
                client.send("for ever");
                // It is read before the connection is gone.
                client.socket.send(Message::Ping("".into())).unwrap();
                assert!(matches!(client.socket.read().unwrap(), Message::Pong(_)));
            }
            let Client { server, socket, told, .. } = client;
            if reset {
                let socket = socket2::SockRef::from(socket.get_ref());
                socket.set_linger(Some(Duration::ZERO)).unwrap();
            }
            drop(socket);
            assert_eq!([next(&told), next(&told), next(&told)], ["ended", "went on", "dropped"]);
            drop(server);
        }
    }
}

/// Has more to do when its connection has ended.
#[websocket("/endings/tidies")]
async fn tidies(mut socket: Socket<String, String>, test: Data<Test>) -> Result<(), SocketError> {
    socket.send(&"joined".to_owned()).await?;
    while socket.recv().await?.is_some() {}
    sleep(Duration::from_millis(300)).await;
    test.tell("tidy");
    Ok(())
}

#[test]
fn a_drain_waits_for_the_handler_though_nothing_is_to_be_sent_any_more() {
    let mut client = Client::of("/endings/tidies");
    client.server.begin_drain();
    assert_eq!(client.close(), Some(1012));
    // The answer was queued, and the server closes below.
    assert!(client.socket.read().is_err());
    client.server.drain();
    assert_eq!(client.told.try_recv().unwrap(), "tidy");
}

/// More than both sides' buffers hold.
const BIG: usize = 12 << 20;

/// Returns with most of what it sent on its way.
#[websocket("/endings/returns")]
async fn returns(socket: Socket<String, Payload>, test: Data<Test>) -> Result<(), SocketError> {
    let _held = Dropped(test);
    socket.send(&Payload::Text("joined".into())).await?;
    for n in 0..2 {
        // One may wait that is larger than the mailbox; the one before is half written then.
        socket.send(&Payload::Binary(vec![n; BIG].into())).await?;
    }
    Ok(())
}

#[test]
fn the_close_frame_goes_out_behind_all_that_a_handler_sent_before_it_returned() {
    let mut client = Client::of("/endings/returns");
    assert_eq!(next(&client.told), "dropped");
    for n in 0..2 {
        let message = client.socket.read().unwrap().into_data();
        assert!(message.len() == BIG && message.iter().all(|byte| *byte == n), "message {n}");
    }
    assert_eq!(client.close(), Some(1000));
    assert!(client.socket.read().is_err());
}

/// A source of the user's own, with a bug.
struct Panics;

impl FrameSource for Panics {
    fn poll_frame(&mut self, _: ClientId, _: u64, _: &mut Context<'_>) -> Poll<Option<FrameItem>> {
        panic!("on purpose");
    }

    fn position(&self) -> u64 {
        0
    }

    fn head(&self) -> u64 {
        0
    }
}

#[websocket("/endings/panics")]
async fn panics(mut socket: Socket<String, String>, test: Data<Test>) -> Result<(), SocketError> {
    socket.send(&"joined".to_owned()).await?;
    socket.recv().await?;
    socket.link().join(Box::new(Panics));
    assert_eq!(socket.recv().await?, None);
    sleep(Duration::from_millis(100)).await;
    test.tell(socket.reason().unwrap().to_string());
    Ok(())
}

#[test]
fn a_source_that_panics_costs_the_connection_and_not_the_handler() {
    let mut client = Client::of("/endings/panics");
    client.send("join");
    assert!(client.socket.read().is_err());
    assert_eq!(next(&client.told), "the connection was lost");
}
