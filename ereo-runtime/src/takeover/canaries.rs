//! What the takeover leans on, a test a fact: where actix or the kernel changes, the one fails that says what has
//! changed. docs/ARCHITECTURE.md lists them; [`check`](super::check) tries the whole at start.

use std::cell::Cell;
use std::convert::Infallible;
use std::future::ready;
use std::io::Write as _;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::os::fd::OwnedFd;
use std::panic::resume_unwind;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use actix_http::{HttpService, Response, StatusCode};
use actix_service::{Service as _, ServiceFactory as _, fn_service};
use actix_web::body::{BodySize, MessageBody};
use actix_web::rt;
use bytes::Bytes;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio_util::sync::CancellationToken;

use super::{Plain, Tap};
use crate::worker::Workers;

/// A body of a test's own; it drops `held` with itself.
struct Body<F> {
    size: BodySize,
    poll: F,
    _held: Rc<()>,
}

impl<F: FnMut(&mut Context<'_>) -> Poll<Option<Bytes>> + Unpin> MessageBody for Body<F> {
    type Error = Infallible;

    fn size(&self) -> BodySize {
        self.size
    }

    fn poll_next(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Infallible>>> {
        (self.get_mut().poll)(cx).map(|bytes| bytes.map(Ok))
    }
}

/// Both ends of a connection over loopback.
fn pair() -> (rt::net::TcpStream, rt::net::TcpStream) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let (server, _) = listener.accept().unwrap();
    let [client, server] = [client, server].map(|stream| {
        stream.set_nonblocking(true).unwrap();
        rt::net::TcpStream::from_std(stream).unwrap()
    });
    (client, server)
}

fn tap(stream: &rt::net::TcpStream) -> Tap {
    let workers = Arc::new(Workers::new(CancellationToken::new()));
    Tap::of(Plain::of(stream).unwrap(), workers).unwrap()
}

/// Serves one request with the body; how its dispatcher's task ended.
async fn dispatch<B: MessageBody + 'static>(
    stream: rt::net::TcpStream,
    status: StatusCode,
    body: B,
) -> Result<(), rt::task::JoinError> {
    let body = Rc::new(Cell::new(Some(body)));
    let answer = move |_| {
        let mut response = Response::build(status);
        let response =
            if status.as_u16() == 101 { response.upgrade("check") } else { response.force_close() };
        let body = body.take().expect("one request");
        ready(Ok::<_, Infallible>(response.finish().map_body(|_, _| body)))
    };
    let service = HttpService::build()
        .client_disconnect_timeout(Duration::ZERO)
        .h1(fn_service(answer))
        .new_service(())
        .await
        .unwrap();
    rt::spawn(service.call((stream, None))).await.map(drop)
}

/// Lets actix flush the head, and then does what `end` says.
fn pending_once(
    end: impl Fn() -> Poll<Option<Bytes>>,
) -> impl FnMut(&mut Context<'_>) -> Poll<Option<Bytes>> {
    let mut asked = false;
    move |cx| {
        if std::mem::replace(&mut asked, true) {
            return end();
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }
}

const REQUEST: &[u8] =
    b"GET / HTTP/1.1\r\nhost: localhost\r\nconnection: upgrade\r\nupgrade: check\r\n\r\n";

/// Says something over the duplicate and closes it: what the client has read by then.
async fn received(mut client: rt::net::TcpStream, duplicate: TcpStream) -> String {
    (&duplicate).write_all(b"still here").unwrap();
    drop(duplicate);
    let mut received = String::new();
    client.read_to_string(&mut received).await.unwrap();
    received
}

fn duplicate(stream: rt::net::TcpStream) -> (rt::net::TcpStream, TcpStream) {
    let stream = stream.into_std().unwrap();
    let duplicate = stream.try_clone().unwrap();
    (rt::net::TcpStream::from_std(stream).unwrap(), duplicate)
}

#[actix_web::test]
async fn actix_ends_a_101_whose_body_breaks_its_length_without_a_shutdown() {
    let (mut client, server) = pair();
    let (server, duplicate) = duplicate(server);
    client.write_all(REQUEST).await.unwrap();
    let size = BodySize::Sized(u64::MAX);
    let body = Body { size, poll: pending_once(|| Poll::Ready(None)), _held: Rc::default() };
    dispatch(server, StatusCode::SWITCHING_PROTOCOLS, body).await.unwrap();
    let received = received(client, duplicate).await;
    assert!(received.starts_with("HTTP/1.1 101"), "{received}");
    assert!(!received.contains("content-length"), "{received}");
    assert!(received.ends_with("\r\n\r\nstill here"), "{received}");
}

#[actix_web::test]
async fn actix_frees_a_dispatcher_that_is_unwound_and_leaves_the_socket_open() {
    let (mut client, server) = pair();
    let (server, duplicate) = duplicate(server);
    client.write_all(REQUEST).await.unwrap();
    let held = Rc::new(());
    let poll = pending_once(|| resume_unwind(Box::new(())));
    let body = Body { size: BodySize::Stream, poll, _held: Rc::clone(&held) };
    assert!(dispatch(server, StatusCode::OK, body).await.unwrap_err().is_panic());
    assert_eq!(Rc::strong_count(&held), 1, "what the dispatcher held is freed");
    let received = received(client, duplicate).await;
    assert!(received.starts_with("HTTP/1.1 200"), "{received}");
    assert!(received.ends_with("\r\n\r\nstill here"), "{received}");
}

#[actix_web::test]
async fn actix_flushes_the_head_before_it_asks_a_body_for_the_second_time() {
    let (mut client, server) = pair();
    let tap = tap(&server);
    let begin = tap.accepted().unwrap();
    client.write_all(REQUEST).await.unwrap();
    let taken = Rc::new(Cell::new((0, 0)));
    let seen = Rc::clone(&taken);
    let mut polled = 0;
    let poll = move |cx: &mut Context<'_>| {
        polled += 1;
        let (_, before) = seen.get();
        seen.set((before, tap.accepted().unwrap() - begin));
        if polled == 3 {
            return Poll::Ready(None);
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    };
    let body = Body { size: BodySize::Stream, poll, _held: Rc::default() };
    let _ = dispatch(server, StatusCode::OK, body).await;
    let (second, third) = taken.get();
    assert!(second > 0, "the head is out");
    assert_eq!(second, third, "and nothing came behind it");
}

#[actix_web::test]
async fn the_kernel_counts_the_bytes_that_a_socket_has_taken() {
    let (_client, mut server) = pair();
    let tap = tap(&server);
    let before = tap.accepted().unwrap();
    for (size, all) in [(1, 1), (1000, 1001), (30_000, 31_001)] {
        server.write_all(&vec![0; size]).await.unwrap();
        assert_eq!(tap.accepted().unwrap() - before, all);
    }
}

#[actix_web::test]
async fn a_descriptor_that_another_socket_has_by_now_is_not_taken_for_the_first() {
    let (_client, server) = pair();
    let plain = Plain::of(&server).unwrap();
    let workers = || Arc::new(Workers::new(CancellationToken::new()));
    assert!(Tap::of(plain, workers()).is_some());
    let (other, _its_client) = pair();
    // The number stays open, and names the other socket.
    let mut server = OwnedFd::from(server.into_std().unwrap());
    rustix::io::dup2(&other, &mut server).unwrap();
    assert!(Tap::of(plain, workers()).is_none());
}
