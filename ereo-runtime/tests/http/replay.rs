//! What clients cost that ask for the whole history, or do not read what they are sent.

use std::future::Future as _;
use std::net::TcpStream;
use std::pin::pin;
use std::task::{Context, Waker};
use std::time::Duration;

use actix_web::web::Data;
use ereo_runtime::prelude::{Connection, RoomFull, Seat, Socket, SocketError, websocket};
use ereo_runtime::{
    ClientSet, CloseCode, Delivery, LastEventId, Limits, Position, PresenceEvents, Subscription,
    sse,
};
use futures_util::{Stream, stream};
use tungstenite::{Message as Frame, WebSocket};

use crate::support::socket::opened;
use crate::support::{Client, Server, serve_limited};

#[sse("/replay/feed", retry = "10ms", heartbeat = "off")]
async fn feed(set: Data<ClientSet<String>>, last: LastEventId) -> Subscription<String> {
    set.subscribe(last)
}

struct Member {
    #[expect(dead_code, reason = "it is a seat as long as it is held")]
    seat: Seat<String>,
}

#[websocket("/replay/ws", ping = "off", idle = "off")]
impl Member {
    async fn open(
        connection: Connection<String>,
        set: Data<ClientSet<String>>,
    ) -> Result<Self, RoomFull> {
        let seat = set.join(&connection)?;
        connection.send(&"joined".to_owned()).await.unwrap();
        Ok(Self { seat })
    }

    async fn message(&mut self, _: String) -> Result<(), SocketError> {
        Ok(())
    }
}

fn server(set: &ClientSet<String>, limits: Limits) -> Server {
    let set = Data::new(set.clone());
    serve_limited(1, Duration::from_secs(2), limits, move |app| {
        app.app_data(set.clone()).service(ereo_runtime::routes().unwrap().only(module_path!()));
    })
}

fn behind(position: impl std::fmt::Display) -> String {
    format!("last-event-id: {position}\r\n")
}

#[cfg(target_os = "linux")]
mod kernel {
    use std::net::SocketAddr;

    use super::*;
    use crate::support::socket::joined;

    const CLIENTS: usize = 40;
    /// The kernel takes twice of what it is asked for, and lets a write begin that goes beyond.
    const MOST: usize = 2 * (128 << 10) + (64 << 10);

    /// Bytes in the send buffers of a server's connections (proc(5), `/proc/net/tcp`).
    fn send_buffers(server: SocketAddr) -> Vec<usize> {
        let table = std::fs::read_to_string("/proc/net/tcp").unwrap();
        let connections = table.lines().filter_map(|line| {
            let fields: Vec<_> = line.split_whitespace().collect();
            let port = fields[1].split_once(':')?.1;
            let is_its = u16::from_str_radix(port, 16) == Ok(server.port()) && fields[3] == "01";
            let queue = fields[4].split_once(':')?.0;
            is_its.then(|| usize::from_str_radix(queue, 16).unwrap())
        });
        connections.collect()
    }

    /// The same once they do not change any more.
    fn settled(server: SocketAddr) -> Vec<usize> {
        let mut before = Vec::new();
        for _ in 0..100 {
            std::thread::sleep(Duration::from_millis(300));
            let now = send_buffers(server);
            if now == before && now.iter().all(|bytes| *bytes > 0) {
                return now;
            }
            before = now;
        }
        panic!("they change for ever: {before:?}");
    }

    fn are_bounded(buffers: &[usize]) {
        assert_eq!(buffers.len(), CLIENTS);
        // They are full, and no more than that.
        assert!(buffers.iter().all(|bytes| (16 << 10..MOST).contains(bytes)), "{buffers:?}");
    }

    fn set() -> ClientSet<String> {
        ClientSet::builder().history(1024).max_bytes(64 << 20).build()
    }

    fn broadcast_much(set: &ClientSet<String>) {
        let message = "x".repeat(64 << 10);
        for _ in 0..128 {
            set.broadcast(&message).unwrap();
        }
    }

    #[test]
    fn streams_that_do_not_read_a_replay_cost_the_kernel_little() {
        let set = set();
        let (server, begin) =
            (server(&set, Limits::new().replayed_bytes(u64::MAX)), set.position());
        broadcast_much(&set);
        let all = |_| Client::get_with(server.address, "/replay/feed", &behind(begin));
        let clients = Vec::from_iter((0..CLIENTS).map(all));
        are_bounded(&settled(server.address));
        // Whoever reads gets all of it nevertheless.
        let mut reader = Client::get_with(server.address, "/replay/feed", &behind(begin));
        (0..128).for_each(|_| assert_eq!(reader.data().len(), 64 << 10));
        drop(clients);
    }

    #[test]
    fn sockets_that_do_not_read_cost_the_kernel_little() {
        let set = set();
        let server = server(&set, Limits::new());
        let sockets = Vec::from_iter((0..CLIENTS).map(|_| joined(server.address, "/replay/ws")));
        broadcast_much(&set);
        are_bounded(&settled(server.address));
        drop(sockets);
    }
}

/// What one who asks for everything gets: messages, and when to come back.
fn ask(server: &Server, begin: impl std::fmt::Display) -> (usize, Option<u64>) {
    let mut client = Client::get_with(server.address, "/replay/feed", &behind(begin));
    assert_eq!((client.status, client.header("content-type")), (200, Some("text/event-stream")));
    if client.header("content-length").is_none() {
        let all = (0..MESSAGES).take_while(|n| client.data().starts_with(&format!("{n} ")));
        return (all.count(), client.events.retry);
    }
    let body = client.finish().body;
    let retry = body.lines().find_map(|line| line.strip_prefix("retry: ")).unwrap();
    // Nothing moves the client's position, and nothing is an event.
    assert!(body.ends_with("\n\n") && !body.contains("id:") && !body.contains("data:"), "{body}");
    (0, Some(retry.parse().unwrap()))
}

const MESSAGES: usize = 16;

#[test]
fn an_address_is_sent_again_what_its_budget_says_and_the_others_notice_nothing() {
    let set = ClientSet::<String>::new();
    let server = server(&set, Limits::new().replayed_bytes(1 << 20));
    let begin = set.position();
    let message = |n| format!("{n} {}", "x".repeat(2200));
    for n in 0..MESSAGES {
        set.broadcast(&message(n)).unwrap();
    }
    let mut live = Client::get(server.address, "/replay/feed");
    live.read_until(|client| client.events.retry.is_some());

    let answers = Vec::from_iter((0..60).map(|_| ask(&server, begin)));
    let served = answers.iter().filter(|(messages, _)| *messages == MESSAGES).count();
    // A megabyte of 35 KB each; of more, if more is counted of a message than it is sent as.
    assert!((5..=35).contains(&served), "{served}");
    let (refused, retries): (Vec<_>, Vec<_>) = answers[served + 5..].iter().copied().unzip();
    assert!(refused.contains(&0), "{refused:?}");
    // The wait for one more, and up to three seconds of spread.
    assert!(retries.iter().all(|retry| retry.unwrap() < 20_000), "{retries:?}");

    // Who was away for a moment is served, and so is who wants nothing of before.
    let last = set.position();
    set.broadcast(&"news".to_owned()).unwrap();
    assert_eq!(live.data(), "news");
    let mut back = Client::get_with(server.address, "/replay/feed", &behind(last));
    assert_eq!(back.data(), "news");

    // One that comes back when it was told to misses nothing.
    let (messages, retry) = ask(&server, begin);
    if messages == 0 {
        std::thread::sleep(Duration::from_millis(retry.unwrap()));
        assert_eq!(ask(&server, begin).0, MESSAGES);
    }
}

/// Its function reads the set itself.
#[websocket("/replay/lines", ping = "off", idle = "off")]
async fn lines(
    mut socket: Socket<String, String>,
    set: Data<ClientSet<String>>,
    last: LastEventId,
) -> Result<(), SocketError> {
    let mut lines = set.subscribe(last);
    loop {
        tokio::select! {
            delivery = lines.recv() => match delivery {
                Some(Delivery::Message { message, .. }) => socket.send(&message).await?,
                Some(_) => {}
                None => return Err(SocketError::close(CloseCode::TRY_AGAIN_LATER, "lagged")),
            },
            said = socket.recv() => if said?.is_none() { return Ok(()) },
        }
    }
}

struct Forwarding;

/// `open` subscribes, and a task of its own reads.
#[websocket("/replay/forwarded", ping = "off", idle = "off")]
impl Forwarding {
    async fn open(
        connection: Connection<String>,
        set: Data<ClientSet<String>>,
        last: LastEventId,
    ) -> Self {
        let mut lines = set.subscribe(last);
        actix_web::rt::spawn(async move {
            while let Some(delivery) = lines.recv().await {
                let Delivery::Message { message, .. } = delivery else { continue };
                if connection.send(&message).await.is_err() {
                    return;
                }
            }
        });
        Self
    }

    async fn message(&mut self, _: String) -> Result<(), SocketError> {
        Ok(())
    }
}

struct Asked {
    connection: Connection<String>,
    set: Data<ClientSet<String>>,
}

/// The position comes in a message, as often as the client likes.
#[websocket("/replay/asked", ping = "off", idle = "off")]
impl Asked {
    async fn open(connection: Connection<String>, set: Data<ClientSet<String>>) -> Self {
        Self { connection, set }
    }

    async fn message(&mut self, position: String) -> Result<(), SocketError> {
        let position: Position = position.parse().map_err(SocketError::other)?;
        let mut lines = self.set.subscribe(position.into());
        for _ in 0..MESSAGES {
            if let Some(Delivery::Message { message, .. }) = lines.recv().await {
                self.connection.send(&message).await?;
            }
        }
        Ok(())
    }
}

/// A stream of its own, which reads the set in its first turn.
#[sse("/replay/own", retry = "10ms", heartbeat = "off")]
async fn own(set: Data<ClientSet<String>>, last: LastEventId) -> impl Stream<Item = String> {
    stream::unfold(None, move |lines| {
        let set = set.clone();
        async move {
            let mut lines = lines.unwrap_or_else(|| set.subscribe(last));
            loop {
                if let Delivery::Message { message, .. } = lines.recv().await? {
                    return Some((message.clone(), Some(lines)));
                }
            }
        }
    })
}

#[sse("/replay/members", retry = "10ms", heartbeat = "off")]
async fn members(set: Data<ClientSet<String>>) -> PresenceEvents {
    set.presence()
}

/// Its function looks at the first message, and leaves the others to the library.
#[sse("/replay/looked-at", retry = "10ms", heartbeat = "off")]
async fn looked_at(set: Data<ClientSet<String>>, last: LastEventId) -> Subscription<String> {
    let mut lines = set.subscribe(last);
    lines.recv().await;
    lines
}

const BUDGET: u64 = 1 << 20;

/// A set of sixteen messages, 35 KB in all, and where it begins.
fn filled() -> (ClientSet<String>, Server, Position) {
    let set = ClientSet::new();
    let server = server(&set, Limits::new().replayed_bytes(BUDGET));
    let begin = set.position();
    for n in 0..MESSAGES {
        set.broadcast(&format!("{n} {}", "x".repeat(2200))).unwrap();
    }
    (set, server, begin)
}

/// All messages, or how the socket was closed.
fn replay(socket: &mut WebSocket<TcpStream>) -> Result<(), (u16, String)> {
    for n in 0..MESSAGES {
        match socket.read().unwrap() {
            Frame::Text(text) => assert!(text.starts_with(&format!("{n} ")), "{text:.9}"),
            Frame::Close(Some(close)) if n == 0 => {
                return Err((close.code.into(), close.reason.to_string()));
            }
            other => panic!("{n}: {other:?}"),
        }
    }
    Ok(())
}

/// The wait that a refused client is told, in milliseconds.
fn told((code, reason): (u16, String)) -> u64 {
    let wait = reason.strip_prefix("too much was sent again to your address; retry in ");
    let wait = wait.and_then(|wait| wait.strip_suffix(" ms")).unwrap_or_else(|| panic!("{reason}"));
    assert_eq!(code, 1013);
    wait.parse().unwrap()
}

fn is_a_budget(answers: &[Result<(), (u16, String)>]) {
    let served = answers.iter().take_while(|answer| answer.is_ok()).count();
    assert!((5..=35).contains(&served), "{served} of {}", answers.len());
    let refused = Vec::from_iter(answers.iter().filter_map(|it| it.clone().err()).map(told));
    assert!(!refused.is_empty() && refused.iter().all(|wait| *wait < 20_000), "{refused:?}");
}

#[test]
fn sockets_that_read_a_set_themselves_are_charged_as_streams_are() {
    for path in ["/replay/lines", "/replay/forwarded"] {
        let (set, server, begin) = filled();
        let connect = |last: Position| {
            let path = format!("{path}?lastEventID={last}");
            opened(server.address, &path)
        };
        let live = connect(set.position());
        is_a_budget(&Vec::from_iter((0..40).map(|_| replay(&mut connect(begin)))));
        // There is one budget for streams and sockets.
        assert!((0..5).any(|_| ask(&server, begin).0 == 0), "{path}");
        // Who was away for a moment is served, and who is here notices nothing.
        let last = set.position();
        set.broadcast(&"news".to_owned()).unwrap();
        for mut socket in [live, connect(last)] {
            assert_eq!(socket.read().unwrap().into_text().unwrap(), "news");
        }
    }
}

#[test]
fn a_socket_that_asks_again_and_again_is_charged_each_time() {
    let (_set, server, begin) = filled();
    let mut socket = opened(server.address, "/replay/asked");
    let mut answers = Vec::new();
    while answers.len() < 60 && answers.last().is_none_or(Result::is_ok) {
        socket.send(Frame::text(begin.to_string())).unwrap();
        answers.push(replay(&mut socket));
    }
    is_a_budget(&answers);
}

#[test]
fn a_stream_of_ones_own_is_charged_and_told_to_come_back_and_not_that_it_has_ended() {
    let (_set, server, begin) = filled();
    let mut refused = 0;
    for n in 0..40 {
        let mut client = Client::get_with(server.address, "/replay/own", &behind(begin));
        if let Some(first) = client.event() {
            assert!(first.data.starts_with("0 ") && refused == 0, "{n}: {first:?}");
            (1..MESSAGES).for_each(|_| drop(client.data()));
            continue;
        }
        assert!(client.events.retry.is_some_and(|retry| (10..20_000).contains(&retry)), "{n}");
        assert!((5..=35).contains(&n) || refused > 0, "{n}");
        refused += 1;
    }
    assert!(refused > 0);
}

/// All members are sent to whoever asks, and are as much as a history.
#[test]
fn an_address_gets_the_members_as_often_as_its_budget_allows() {
    let set = ClientSet::<String>::new();
    let server = server(&set, Limits::new().replayed_bytes(BUDGET));
    let info = "x".repeat(60_000);
    let enter = |key| {
        let mut member = set.subscribe(LastEventId::none()).as_member(key, &info).unwrap();
        let polled = pin!(member.recv()).poll(&mut Context::from_waker(Waker::noop()));
        assert!(polled.is_pending());
        member
    };
    let mut here = Vec::from_iter((0..4).map(enter));
    let ask = || Client::get(server.address, "/replay/members");
    let mut first = ask();
    assert_eq!(first.event().unwrap().data.matches("\"key\"").count(), 4);
    let served = (1..20).take_while(|_| ask().event().is_some()).count();
    assert!((2..=5).contains(&served), "{served}");
    let mut refused = ask();
    assert!(refused.event().is_none(), "no `ereo.end` either");
    assert!(refused.events.retry.is_some_and(|retry| retry > 1_000));
    // Those who are there hear the news.
    here.push(enter(4));
    assert_eq!(first.event().unwrap().event, "joined");
}

#[test]
fn what_a_streams_function_reads_itself_is_charged_before_there_is_a_stream() {
    let (_set, server, begin) = filled();
    let ask = || {
        let path = "/replay/looked-at";
        let mut client = Client::get_with(server.address, path, &behind(begin));
        if client.header("retry-after").is_some() {
            return false;
        }
        (1..MESSAGES).for_each(|n| assert!(client.data().starts_with(&format!("{n} "))));
        true
    };
    let served = (0..40).take_while(|_| ask()).count();
    // Once for the function and once, for all that is left, for the stream.
    assert!((3..=18).contains(&served), "{served}");
}
