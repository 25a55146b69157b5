//! Whole connections in memory, under a paused clock: the payload is fed and the body polled by hand.

use std::cell::{Cell, RefCell};
use std::future::{pending, poll_fn};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Poll, Waker};
use std::time::Duration;

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::Payload;
use actix_web::error::PayloadError;
use actix_web::http::header;
use actix_web::test::TestRequest;
use bytes::{Bytes, BytesMut};
use serde::Deserialize;
use tokio::time::{Instant, sleep, timeout};

use super::frame::{self, Header, OpCode, Rsv};
use super::*;
use crate::message::Frame;

const SECOND: Duration = Duration::from_secs(1);

/// The peer of a connection: what it sends and what it is sent.
struct Peer {
    send: Box<dyn FnMut(Option<Bytes>)>,
    body: Option<Pin<Box<BoxBody>>>,
    wire: BytesMut,
}

fn upgrade(options: Options) -> Upgrade {
    let request = TestRequest::get()
        .insert_header((header::HOST, "app.example"))
        .insert_header((header::UPGRADE, "websocket"))
        .insert_header((header::CONNECTION, "upgrade"))
        .insert_header((header::SEC_WEBSOCKET_VERSION, "13"))
        .insert_header((header::SEC_WEBSOCKET_KEY, "dGhlIHNhbXBsZSBub25jZQ=="))
        .to_http_request();
    accept(&request, options).unwrap()
}

impl Peer {
    fn start(serve: impl FnOnce(Payload) -> actix_web::HttpResponse) -> Self {
        let (mut sender, payload) = actix_http::h1::Payload::create(false);
        let response = serve(Payload::H1 { payload });
        assert_eq!(response.status(), 101);
        let send = Box::new(move |bytes| match bytes {
            Some(bytes) => sender.feed_data(bytes),
            None => sender.set_error(PayloadError::Incomplete(None)),
        });
        Self { send, body: Some(Box::pin(response.into_body())), wire: BytesMut::new() }
    }

    fn of<In: 'static, Out: 'static, F, R>(
        options: Options,
        handler: impl FnOnce(Socket<In, Out>) -> F,
    ) -> Self
    where
        F: Future<Output = R> + 'static,
        R: Outcome,
    {
        Self::start(|payload| upgrade(options).serve(payload, handler))
    }

    fn frame(&mut self, fin: bool, opcode: OpCode, payload: &[u8]) {
        let length = payload.len() as u64;
        let mut out = BytesMut::new();
        // A key of zeros masks nothing, and is a key nevertheless.
        Header { fin, rsv: Rsv::NONE, opcode, mask: Some([0; 4]), length }.write(&mut out);
        out.extend_from_slice(payload);
        (self.send)(Some(out.freeze()));
    }

    fn text(&mut self, text: &str) {
        self.frame(true, OpCode::Text, text.as_bytes());
    }

    fn close(&mut self, code: u16) {
        self.frame(true, OpCode::Close, &code.to_be_bytes());
    }

    fn vanish(&mut self) {
        (self.send)(None);
    }

    /// The next frame; `None` at the end of the body.
    async fn next(&mut self) -> Option<(OpCode, Bytes)> {
        loop {
            if let Some((header, size)) = Header::parse(&self.wire).unwrap() {
                let whole = size + header.length as usize;
                if self.wire.len() >= whole {
                    let frame = self.wire.split_to(whole).freeze();
                    assert_eq!((header.fin, header.mask), (true, None));
                    return Some((header.opcode, frame.slice(size..)));
                }
            }
            let body = self.body.as_mut().expect("the body was dropped");
            match poll_fn(|cx| body.as_mut().poll_next(cx)).await {
                Some(chunk) => {
                    let chunk = chunk.unwrap();
                    assert!(chunk.len() <= 32 << 10, "large frames go out in slices");
                    self.wire.extend_from_slice(&chunk);
                }
                None => {
                    assert!(self.wire.is_empty(), "the body ended inside a frame");
                    return None;
                }
            }
        }
    }

    async fn expect_text(&mut self, text: &str) {
        assert_eq!(
            self.next().await,
            Some((OpCode::Text, Bytes::copy_from_slice(text.as_bytes())))
        );
    }

    /// The close frame, its code and reason.
    async fn expect_close(&mut self) -> (u16, String) {
        let (opcode, payload) = self.next().await.expect("a close frame before the end");
        assert_eq!(opcode, OpCode::Close, "{payload:?}");
        let (code, reason) = payload.split_at(2);
        (u16::from_be_bytes([code[0], code[1]]), String::from_utf8(reason.to_vec()).unwrap())
    }

    async fn expect_end(&mut self) {
        assert_eq!(self.next().await, None);
    }
}

/// tokio's clock goes in milliseconds, and rounds up.
fn assert_about(elapsed: Duration, expected: Duration) {
    let about = expected..expected + Duration::from_millis(10);
    assert!(about.contains(&elapsed), "{elapsed:?} instead of {expected:?}");
}

/// Where tests leave what a handler saw.
type Seen<T> = Rc<RefCell<Vec<T>>>;

async fn echo(mut socket: Socket<Frame, Frame>) -> Result<(), SocketError> {
    while let Some(message) = socket.recv().await? {
        socket.send(&message).await?;
    }
    Ok(())
}

#[derive(Debug, Deserialize)]
struct Order {
    #[allow(dead_code)]
    amount: u32,
}

#[actix_web::test]
async fn text_and_binary_are_echoed_and_the_close_is_answered() {
    let mut peer = Peer::of(Options::default(), echo);
    peer.text("hello");
    peer.frame(true, OpCode::Ping, b"are you there");
    peer.frame(false, OpCode::Binary, &[0; 40_000]);
    peer.frame(true, OpCode::Continuation, &[1; 20_000]);
    // The pong overtakes what waits.
    assert_eq!(peer.next().await, Some((OpCode::Pong, Bytes::from_static(b"are you there"))));
    peer.expect_text("hello").await;
    assert_eq!(peer.next().await.unwrap().1.len(), 60_000);
    peer.close(1001);
    assert_eq!(peer.expect_close().await.0, 1001);
    peer.expect_end().await;
}

#[actix_web::test]
async fn bad_json_is_an_error_to_go_on_from() {
    let mut peer = Peer::of(Options::default(), |mut socket: Socket<Order, String>| async move {
        loop {
            match socket.recv().await {
                Ok(Some(order)) => socket.send(&format!("{order:?}")).await?,
                Ok(None) => return Ok::<_, SocketError>(()),
                Err(SocketError::Decode(error)) => socket.send(&error.to_string()).await?,
                Err(error) => return Err(error),
            }
        }
    });
    peer.text("{}");
    peer.text(r#"{"amount":7}"#);
    peer.expect_text("missing field `amount` at line 1 column 2").await;
    peer.expect_text("Order { amount: 7 }").await;
}

#[actix_web::test]
async fn bad_json_that_nobody_looks_at_is_1007_and_names_the_field() {
    let mut peer = Peer::of(Options::default(), |mut socket: Socket<Order, String>| async move {
        while socket.recv().await?.is_some() {}
        Ok::<_, SocketError>(())
    });
    peer.text("{}");
    let (code, reason) = peer.expect_close().await;
    assert_eq!(code, 1007);
    assert!(reason.contains("`amount`"), "{reason}");
}

#[actix_web::test]
async fn raw_types_want_their_kind_of_message() {
    let mut peer = Peer::of(Options::default(), |mut socket: Socket<Binary, Text>| async move {
        while socket.recv().await?.is_some() {}
        Ok::<_, SocketError>(())
    });
    peer.frame(true, OpCode::Binary, b"fine");
    peer.text("not fine");
    assert_eq!(peer.expect_close().await.0, 1003);
}

#[actix_web::test]
async fn a_handler_ends_the_connection() {
    let ok = |_: Socket<String, String>| async { Ok::<_, SocketError>(()) };
    assert_eq!(Peer::of(Options::default(), ok).expect_close().await, (1000, String::new()));
    let failed = |_: Socket<String, String>| async { Err(SocketError::other("a secret")) };
    let told = (1011, "internal error".to_owned());
    assert_eq!(Peer::of(Options::default(), failed).expect_close().await, told);
    let panicked = |_: Socket<String, String>| async { panic!("a secret") };
    assert_eq!(Peer::of::<_, _, _, ()>(Options::default(), panicked).expect_close().await, told);
    let own = |_: Socket<String, String>| async {
        Err(SocketError::close(CloseCode::new(4000).unwrap(), "not today"))
    };
    let told = (4000, "not today".to_owned());
    assert_eq!(Peer::of(Options::default(), own).expect_close().await, told);
}

#[actix_web::test]
async fn broken_rules_have_their_codes_and_the_handler_sees_them_once() {
    tokio::time::pause();
    type Break = fn(&mut Peer);
    let cases: [(Break, u16, CloseReason); 3] = [
        (|peer| peer.text(&"x".repeat(101)), 1009, CloseReason::TooBig { limit: 100 }),
        (|peer| peer.frame(true, OpCode::Text, b"\xff"), 1007, CloseReason::InvalidUtf8),
        (
            |peer| peer.frame(true, OpCode::Continuation, b""),
            1002,
            CloseReason::Protocol(ProtocolError::NothingToContinue),
        ),
    ];
    for (break_it, code, reason) in cases {
        let seen: Seen<String> = Rc::default();
        let told = Rc::clone(&seen);
        let options = Options::default().max_message(100);
        let mut peer = Peer::of(options, move |mut socket: Socket<Frame, Frame>| async move {
            loop {
                match socket.recv().await {
                    Ok(Some(message)) => socket.send(&message).await.unwrap(),
                    Ok(None) => break,
                    Err(error) => told.borrow_mut().push(format!("{error}")),
                }
            }
            told.borrow_mut().push(format!("{:?}", socket.reason().unwrap()));
        });
        peer.text("before");
        break_it(&mut peer);
        // What came before is still answered.
        peer.expect_text("before").await;
        assert_eq!(peer.expect_close().await.0, code);
        // What still comes is thrown away, for a moment.
        peer.text("after");
        let begin = Instant::now();
        peer.expect_end().await;
        assert_about(begin.elapsed(), SECOND / 2);
        assert_eq!(seen.borrow().len(), 2, "{seen:?}");
        assert_eq!(seen.borrow()[1], format!("{reason:?}"));
    }
}

#[actix_web::test]
async fn the_answer_to_a_close_waits_for_what_came_before_it() {
    tokio::time::pause();
    let mut peer = Peer::of(Options::default(), |mut socket: Socket<Frame, Frame>| async move {
        while let Some(message) = socket.recv().await? {
            sleep(SECOND).await;
            socket.send(&message).await?;
        }
        Ok::<_, SocketError>(())
    });
    peer.text("one");
    peer.text("two");
    peer.close(1000);
    peer.expect_text("one").await;
    peer.expect_text("two").await;
    assert_eq!(peer.expect_close().await.0, 1000);
    peer.expect_end().await;
}

#[actix_web::test]
async fn a_close_is_answered_even_if_the_handler_never_looks() {
    tokio::time::pause();
    let mut peer = Peer::of(Options::default(), |socket: Socket<Frame, Frame>| async move {
        let _socket = socket;
        pending::<()>().await;
    });
    let begin = Instant::now();
    peer.close(1000);
    assert_eq!(peer.expect_close().await.0, 1000);
    peer.expect_end().await;
    assert_eq!(begin.elapsed(), Duration::ZERO);
}

#[actix_web::test]
async fn a_silent_peer_is_pinged_and_then_given_up() {
    tokio::time::pause();
    let seen: Seen<CloseReason> = Rc::default();
    let told = Rc::clone(&seen);
    let options = Options::default().ping(Some(20 * SECOND)).idle(Some(50 * SECOND));
    let mut peer = Peer::of(options, move |mut socket: Socket<Frame, Frame>| async move {
        assert!(socket.recv().await.unwrap().is_none());
        told.borrow_mut().push(socket.reason().unwrap());
    });
    let begin = Instant::now();
    assert_eq!(peer.next().await, Some((OpCode::Ping, Bytes::new())));
    assert_about(begin.elapsed(), 20 * SECOND);
    // It answers once: everything begins anew.
    peer.frame(true, OpCode::Pong, b"");
    let begin = Instant::now();
    for _ in 0..2 {
        assert_eq!(peer.next().await, Some((OpCode::Ping, Bytes::new())));
    }
    assert_eq!(peer.expect_close().await.0, 1001);
    peer.expect_end().await;
    assert_about(begin.elapsed(), 50 * SECOND);
    tokio::task::yield_now().await;
    assert_eq!(*seen.borrow(), [CloseReason::Idle]);
}

#[actix_web::test]
async fn a_silent_peer_is_given_up_though_nobody_polls_the_body() {
    tokio::time::pause();
    let seen: Seen<()> = Rc::default();
    let told = Rc::clone(&seen);
    let _peer = Peer::of(Options::default(), move |socket: Socket<Frame, Text>| async move {
        // Fills its mailbox and waits for room that will not come.
        while socket.send(&Text("x".repeat(1000).into())).await.is_ok() {}
        told.borrow_mut().push(());
    });
    sleep(61 * SECOND).await;
    assert_eq!(seen.borrow().len(), 1);
}

#[actix_web::test]
async fn a_lost_connection_is_seen_at_once() {
    tokio::time::pause();
    let begin = Instant::now();
    let seen: Seen<CloseReason> = Rc::default();
    for drop_body in [false, true] {
        let told = Rc::clone(&seen);
        let mut peer =
            Peer::of(Options::default(), move |mut socket: Socket<Frame, Frame>| async move {
                assert!(
                    socket.recv().await.unwrap().is_some(),
                    "what was sent before is still read"
                );
                assert!(socket.recv().await.unwrap().is_none());
                let error = socket.send(&Frame::Text("x".into())).await.unwrap_err();
                assert!(matches!(error, SocketError::Closed(CloseReason::Vanished)), "{error}");
                told.borrow_mut().push(socket.reason().unwrap());
            });
        peer.text("last words");
        if drop_body {
            peer.body = None;
        } else {
            peer.vanish();
            peer.expect_end().await;
        }
        sleep(Duration::from_millis(1)).await;
    }
    assert_eq!(*seen.borrow(), [CloseReason::Vanished, CloseReason::Vanished]);
    assert!(begin.elapsed() < SECOND);
}

#[actix_web::test]
async fn a_close_frame_counts_though_the_connection_is_lost_right_after() {
    let seen: Seen<CloseReason> = Rc::default();
    let told = Rc::clone(&seen);
    let mut peer =
        Peer::of(Options::default(), move |mut socket: Socket<Frame, Frame>| async move {
            assert!(socket.recv().await.unwrap().is_none());
            told.borrow_mut().push(socket.reason().unwrap());
        });
    peer.close(1001);
    peer.vanish();
    peer.body = None;
    tokio::task::yield_now().await;
    tokio::task::yield_now().await;
    let code = CloseCode::new(1001);
    assert_eq!(*seen.borrow(), [CloseReason::Peer { code, reason: "".into() }]);
}

#[actix_web::test]
async fn a_handler_that_goes_on_is_dropped_after_its_grace() {
    tokio::time::pause();
    struct Dropped(Rc<Cell<bool>>);
    impl Drop for Dropped {
        fn drop(&mut self) {
            self.0.set(true);
        }
    }
    let dropped = Rc::new(Cell::new(false));
    let guard = Dropped(Rc::clone(&dropped));
    let mut peer = Peer::of(Options::default(), move |socket: Socket<Frame, Frame>| async move {
        let _held = (guard, socket);
        pending::<()>().await;
    });
    peer.vanish();
    sleep(4 * SECOND).await;
    assert!(!dropped.get());
    sleep(2 * SECOND).await;
    assert!(dropped.get());
}

#[actix_web::test]
async fn this_sides_close_waits_for_the_peers() {
    tokio::time::pause();
    for answers in [true, false] {
        let seen: Seen<Duration> = Rc::default();
        let told = Rc::clone(&seen);
        let mut peer =
            Peer::of(Options::default(), move |socket: Socket<Frame, Frame>| async move {
                socket.send(&Frame::Text("before".into())).await.unwrap();
                let begin = Instant::now();
                socket.close(CloseCode::NORMAL, "bye").await;
                told.borrow_mut().push(begin.elapsed());
            });
        peer.expect_text("before").await;
        assert_eq!(peer.expect_close().await, (1000, "bye".to_owned()));
        if answers {
            sleep(SECOND).await;
            peer.close(1000);
        }
        peer.expect_end().await;
        sleep(SECOND).await;
        assert_about(seen.borrow()[0], if answers { SECOND } else { 5 * SECOND });
    }
}

#[actix_web::test]
async fn sending_waits_for_a_peer_that_does_not_read() {
    tokio::time::pause();
    let sent = Rc::new(Cell::new(0));
    let count = Rc::clone(&sent);
    let mut peer = Peer::of(Options::default(), move |socket: Socket<Frame, Text>| async move {
        for i in 0..1000 {
            socket.send(&Text(i.to_string().into())).await.unwrap();
            count.set(i + 1);
        }
    });
    sleep(SECOND).await;
    assert_eq!(sent.get(), MailboxLimits::default().frames);
    for i in 0..1000 {
        peer.expect_text(&i.to_string()).await;
        tokio::task::yield_now().await;
    }
    assert_eq!(peer.expect_close().await.0, 1000);
}

#[actix_web::test]
async fn a_flood_of_pings_costs_a_bounded_number_of_pongs() {
    let mut peer = Peer::of(Options::default(), echo);
    for i in 0..1000u16 {
        peer.frame(true, OpCode::Ping, &i.to_be_bytes());
    }
    tokio::task::yield_now().await;
    peer.text("done");
    let mut pongs = Vec::new();
    while let Some((OpCode::Pong, payload)) = peer.next().await {
        pongs.push(payload);
    }
    assert!(pongs.len() <= 33, "{}", pongs.len());
    assert_eq!(pongs.last().unwrap()[..], 999u16.to_be_bytes(), "the latest is answered");
}

#[actix_web::test]
async fn a_slow_handler_is_not_read_for() {
    tokio::time::pause();
    let mut peer = Peer::of(
        Options::default().idle(Some(10 * SECOND)),
        |mut socket: Socket<Frame, Frame>| async move {
            while let Some(message) = socket.recv().await? {
                sleep(SECOND).await;
                socket.send(&message).await?;
            }
            Ok::<_, SocketError>(())
        },
    );
    for i in 0..100 {
        peer.text(&i.to_string());
    }
    // Longer than the idle timeout: it is not the peer that is silent.
    for i in 0..100 {
        loop {
            match peer.next().await.unwrap() {
                (OpCode::Ping, _) => {}
                (_, text) => break assert_eq!(text, i.to_string()),
            }
        }
        peer.frame(true, OpCode::Pong, b"");
    }
}

/// A log in memory, as a broadcaster would have one.
#[derive(Clone, Default)]
struct Log(Rc<RefCell<(Vec<Outgoing>, Option<Waker>)>>);

impl Log {
    fn broadcast(&self, text: &str) {
        self.push(Outgoing::Frame(frame::encode(OpCode::Text, text.as_bytes())));
    }

    fn push(&self, outgoing: Outgoing) {
        let mut log = self.0.borrow_mut();
        log.0.push(outgoing);
        if let Some(waker) = log.1.take() {
            waker.wake();
        }
    }

    fn reader(&self) -> Box<dyn FrameSource> {
        Box::new(Cursor { log: self.clone(), at: self.0.borrow().0.len() })
    }
}

struct Cursor {
    log: Log,
    at: usize,
}

impl FrameSource for Cursor {
    fn poll_frame(&mut self, cx: &mut std::task::Context<'_>) -> Poll<Option<Outgoing>> {
        let mut log = self.log.0.borrow_mut();
        match log.0.get(self.at) {
            Some(outgoing) => {
                self.at += 1;
                Poll::Ready(Some(outgoing.clone()))
            }
            None => {
                log.1 = Some(cx.waker().clone());
                Poll::Pending
            }
        }
    }

    fn position(&self) -> u64 {
        self.at as u64
    }

    fn head(&self) -> u64 {
        self.log.0.borrow().0.len() as u64
    }
}

#[actix_web::test]
async fn broadcasts_and_messages_of_ones_own_arrive_in_the_order_they_were_sent() {
    let (first, second) = (Log::default(), Log::default());
    let logs = (first.clone(), second.clone());
    let mut peer = Peer::of(Options::default(), move |socket: Socket<Frame, Text>| async move {
        socket.link().join(logs.0.reader());
        socket.link().join(logs.1.reader());
        for i in 0..3 {
            logs.0.broadcast(&format!("{i} first"));
            logs.1.broadcast(&format!("{i} second"));
            socket.send(&Text(format!("{i} own").into())).await.unwrap();
        }
        logs.0.broadcast("last");
        pending::<()>().await;
    });
    tokio::task::yield_now().await;
    for i in 0..3 {
        let mut both = [peer.next().await.unwrap().1, peer.next().await.unwrap().1];
        both.sort();
        assert_eq!(both, [format!("{i} first"), format!("{i} second")]);
        peer.expect_text(&format!("{i} own")).await;
    }
    peer.expect_text("last").await;
    // Caught up, a broadcast alone wakes the body.
    let (_, ()) =
        tokio::join!(peer.expect_text("one more"), async { second.broadcast("one more") });
}

#[actix_web::test]
async fn a_source_can_be_left_and_can_end_the_connection() {
    let log = Log::default();
    let mine = log.clone();
    let upgrade = upgrade(Options::default());
    // Before the upgrade, as an `open` hook does it.
    let connection = upgrade.connection::<Text>();
    let key = connection.link().join(log.reader());
    connection.send(&Text("welcome".into())).await.unwrap();
    let mut peer = Peer::start(|payload| upgrade.serve(payload, echo));
    mine.broadcast("one");
    peer.expect_text("welcome").await;
    peer.expect_text("one").await;
    connection.link().leave(key);
    mine.broadcast("unheard");
    connection.send(&Text("two".into())).await.unwrap();
    peer.expect_text("two").await;
    connection.link().join(log.reader());
    mine.push(Outgoing::Close(CloseCode::TRY_AGAIN, "too slow".into()));
    assert_eq!(peer.expect_close().await, (1013, "too slow".to_owned()));
    peer.close(1013);
    peer.expect_end().await;
    let reason = CloseReason::Local { code: CloseCode::TRY_AGAIN, reason: "too slow".into() };
    assert_eq!(connection.ended().await, reason);
}

#[actix_web::test]
async fn any_thread_can_push_until_it_is_full_or_closed() {
    let upgrade = upgrade(Options::default());
    let outbox = upgrade.link().outbox().clone();
    let mut peer = Peer::start(|payload| upgrade.serve(payload, echo));
    let frame = frame::encode(OpCode::Text, b"from elsewhere");
    let pusher = outbox.clone();
    let pushed = std::thread::spawn(move || pusher.try_push(frame, Fence::NONE));
    peer.expect_text("from elsewhere").await;
    pushed.join().unwrap().unwrap();
    let small = frame::encode(OpCode::Text, b"x");
    while outbox.try_push(small.clone(), Fence::NONE).is_ok() {}
    assert_eq!(outbox.try_push(small.clone(), Fence::NONE), Err(PushError::Full));
    peer.body = None;
    peer.vanish();
    timeout(SECOND, async {
        while !outbox.is_closed() {
            tokio::task::yield_now().await;
        }
    })
    .await
    .unwrap();
    assert_eq!(outbox.try_push(small, Fence::NONE), Err(PushError::Closed));
}

#[actix_web::test]
async fn an_upgrade_that_is_refused_ends_its_connection() {
    let log = Log::default();
    let upgrade = upgrade(Options::default());
    let connection = upgrade.connection::<Text>();
    connection.link().join(log.reader());
    drop(upgrade);
    assert_eq!(connection.ended().await, CloseReason::Vanished);
    assert_eq!(Rc::strong_count(&log.0), 1, "its sources were left");
    assert!(connection.send(&Text("x".into())).await.is_err());
}

/// Hooks that say what happened to them.
struct Hooked(Seen<String>);

impl Hooks<String> for Hooked {
    async fn message(&mut self, message: String) -> Result<(), SocketError> {
        self.0.borrow_mut().push(message.clone());
        match message.as_str() {
            "panic" => panic!("on purpose"),
            "fail" => Err(SocketError::other("on purpose")),
            "hang" => pending().await,
            _ => Ok(()),
        }
    }

    async fn close(self, reason: CloseReason) {
        sleep(SECOND).await;
        self.0.borrow_mut().push(format!("closed: {reason}"));
    }
}

#[actix_web::test]
async fn the_close_hook_is_called_once_however_it_ends() {
    tokio::time::pause();
    type End = fn(&mut Peer);
    let cases: [(End, &str); 8] = [
        (|peer| peer.close(1000), "closed by the peer: 1000 "),
        (|peer| peer.vanish(), "the connection was lost"),
        (|peer| peer.body = None, "the connection was lost"),
        (|peer| peer.text("\"panic\""), "the handler panicked"),
        (|peer| peer.text("\"fail\""), "the handler failed"),
        (|peer| peer.text("no json"), "the handler failed"),
        (|peer| peer.frame(true, OpCode::Text, b"\xff"), "text that is not UTF-8"),
        (
            |peer| {
                peer.text("\"hang\"");
                peer.close(1000);
            },
            "closed by the peer: 1000 ",
        ),
    ];
    for (end, reason) in cases {
        let seen: Seen<String> = Rc::default();
        let hooks = Hooked(Rc::clone(&seen));
        let mut peer =
            Peer::start(|payload| upgrade(Options::default()).serve_hooks(payload, hooks));
        peer.text("\"hello\"");
        end(&mut peer);
        sleep(20 * SECOND).await;
        assert_eq!(seen.borrow()[0], "hello");
        let closed: Vec<_> =
            seen.borrow().iter().filter(|seen| seen.starts_with("closed")).cloned().collect();
        assert_eq!(closed, [format!("closed: {reason}")]);
        assert_eq!(Rc::strong_count(&seen), 1, "the task has ended");
    }
}
