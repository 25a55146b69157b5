//! What hooks hear of beside messages, without a task of their own.

use actix_web::web::Data;
use ereo_runtime::prelude::*;
use ereo_runtime::{Delivery, OnLag};
use futures_util::stream::{self, StreamExt as _};
use tungstenite::Message as Sent;

use crate::server::{Server, serve};
use crate::{close_code, connect};

#[derive(Clone, Serialize, Message)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Told {
    Line { text: String },
    Echo { text: String },
    Joined { key: String },
    Left { key: String },
    Others { members: usize },
}

/// Sits in the set as a member, and tells its client of the others.
struct Present {
    seat: Seat<Told>,
    connection: Connection<Told>,
}

#[websocket("/hearing/present/{key}")]
impl Present {
    async fn open(
        key: String,
        connection: Connection<Told>,
        set: Data<ClientSet<Told>>,
    ) -> Result<Self, actix_web::Error> {
        let seat = set.join(&connection)?.as_member(key, "")?;
        Ok(Self { seat, connection })
    }

    fn hears(&self) -> PresenceEvents {
        self.seat.set().presence()
    }

    async fn message(&mut self, text: String) -> Result<(), SocketError> {
        self.connection.send(&Told::Echo { text }).await
    }

    async fn heard(&mut self, event: PresenceEvent) -> Result<(), SocketError> {
        let told = match event {
            PresenceEvent::Members { members } => Told::Others { members: members.len() },
            PresenceEvent::Joined(member) => Told::Joined { key: member.key().to_owned() },
            PresenceEvent::Left(member) => Told::Left { key: member.key().to_owned() },
            _ => return Ok(()),
        };
        self.connection.send(&told).await
    }
}

/// Looks at what is broadcast, and answers what it is asked.
struct Listens {
    set: ClientSet<Told>,
    connection: Connection<Told>,
}

#[websocket("/hearing/listens")]
impl Listens {
    async fn open(connection: Connection<Told>, set: Data<ClientSet<Told>>) -> Self {
        Self { set: ClientSet::clone(&set), connection }
    }

    fn hears(&mut self) -> Subscription<Told> {
        self.set.subscribe(LastEventId::none())
    }

    async fn message(&mut self, text: String) -> Result<(), SocketError> {
        self.connection.send(&Told::Echo { text }).await
    }

    async fn heard(&mut self, delivery: Delivery<Told>) -> Result<(), SocketError> {
        match delivery {
            Delivery::Message { message, .. } => match &*message {
                Told::Line { text } if text == "panic" => panic!("on purpose"),
                message => self.connection.send(message).await,
            },
            _ => Ok(()),
        }
    }
}

/// Hears all the time.
struct Busy(Connection<Told>, u64);

#[websocket("/hearing/busy")]
impl Busy {
    async fn open(connection: Connection<Told>) -> Self {
        Self(connection, 0)
    }

    fn hears(&self) -> impl Stream<Item = u64> + use<> {
        stream::repeat(1).take(10_000)
    }

    async fn message(&mut self, _: String) -> Result<(), SocketError> {
        self.0.send(&Told::Echo { text: self.1.to_string() }).await
    }

    async fn heard(&mut self, one: u64) {
        self.1 += one;
        tokio::task::yield_now().await;
    }
}

struct Broken;

#[websocket("/hearing/broken")]
impl Broken {
    async fn open(_: Connection<Told>) -> Self {
        Self
    }

    fn hears(&self) -> PresenceEvents {
        panic!("on purpose")
    }

    async fn message(&mut self, _: String) {}

    async fn heard(&mut self, _: PresenceEvent) {}
}

/// Hangs in a hook while more is broadcast than is kept.
struct Slow(ClientSet<Told>);

#[websocket("/hearing/slow")]
impl Slow {
    async fn open(_: Connection<Told>, set: Data<ClientSet<Told>>) -> Self {
        Self(ClientSet::clone(&set))
    }

    fn hears(&self) -> Subscription<Told> {
        self.0.room("slow").subscribe(LastEventId::none()).on_lag(OnLag::Disconnect)
    }

    async fn message(&mut self, _: String) -> Result<(), SocketError> {
        for _ in 0..200 {
            self.0.room("slow").broadcast(&Told::Line { text: "x".repeat(10_000) })?;
        }
        Ok(())
    }

    async fn heard(&mut self, _: Delivery<Told>) {}
}

fn server(set: &ClientSet<Told>) -> Server {
    let set = Data::new(set.clone());
    serve(move |app| {
        app.app_data(set.clone()).service(ereo_runtime::routes().unwrap().only(module_path!()));
    })
}

#[test]
fn hooks_hear_who_comes_and_goes() {
    let server = server(&ClientSet::new());
    let mut ann = connect(&server, "/hearing/present/ann", None).unwrap();
    assert_eq!(ann.read().unwrap(), Sent::text(r#"{"type":"others","members":1}"#));
    let mut bob = connect(&server, "/hearing/present/bob", None).unwrap();
    assert_eq!(bob.read().unwrap(), Sent::text(r#"{"type":"others","members":2}"#));
    assert_eq!(ann.read().unwrap(), Sent::text(r#"{"type":"joined","key":"bob"}"#));
    ann.send(Sent::text("still heard")).unwrap();
    assert_eq!(ann.read().unwrap(), Sent::text(r#"{"type":"echo","text":"still heard"}"#));
    bob.close(None).unwrap();
    assert_eq!(ann.read().unwrap(), Sent::text(r#"{"type":"left","key":"bob"}"#));
}

#[test]
fn hooks_hear_what_is_broadcast_and_a_panic_is_one_connections() {
    let set = ClientSet::new();
    let server = server(&set);
    let mut socket = connect(&server, "/hearing/listens", None).unwrap();
    socket.send(Sent::text("there")).unwrap();
    assert_eq!(socket.read().unwrap(), Sent::text(r#"{"type":"echo","text":"there"}"#));
    for text in ["one", "two"] {
        set.broadcast(&Told::Line { text: text.to_owned() }).unwrap();
        let line = format!(r#"{{"type":"line","text":"{text}"}}"#);
        assert_eq!(socket.read().unwrap(), Sent::text(line));
    }
    set.broadcast(&Told::Line { text: "panic".to_owned() }).unwrap();
    assert_eq!(close_code(&mut socket), 1011);
    let mut broken = connect(&server, "/hearing/broken", None).unwrap();
    assert_eq!(close_code(&mut broken), 1011);
}

#[test]
fn messages_do_not_wait_until_nothing_is_heard_any_more() {
    let server = server(&ClientSet::new());
    let mut socket = connect(&server, "/hearing/busy", None).unwrap();
    socket.send(Sent::text("?")).unwrap();
    let text = socket.read().unwrap().into_text().unwrap();
    assert!(!text.contains("10000"), "{text}: it was answered at the end");
}

#[test]
fn hooks_that_lag_are_closed_as_a_seat_is() {
    let set = ClientSet::<Told>::builder().history(10).max_bytes(1 << 20).build();
    let server = server(&set);
    let mut socket = connect(&server, "/hearing/slow", None).unwrap();
    socket.send(Sent::text("go")).unwrap();
    assert_eq!(close_code(&mut socket), 1013);
}
