//! Checks that the takeover works here: one connection of each kind over loopback, before a server starts.
//!
//! What it leans on (docs/ARCHITECTURE.md) is no promise of actix's or of every kernel's. A version that ends its
//! dispatchers in another way would cut streams, or let bytes overtake each other. So the very same
//! [`Handoff`] and [`Writer`] go through the very same dispatcher once, and what the client read is compared.

use std::cell::Cell;
use std::convert::Infallible;
use std::future::{Future, Ready, ready};
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use actix_http::{HttpService, Request, Response, StatusCode};
use actix_service::{Service as _, ServiceFactory as _, fn_service};
use actix_web::http::Version;
use actix_web::rt;
use bytes::Bytes;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio_util::sync::CancellationToken;

use super::handoff::UNWINDS;
use super::{Handoff, Plain, Sending, SocketSink, Successor, Tally, Tap, Writer};
use crate::fanout::Sink;
use crate::worker::Workers;

/// A connection over loopback takes less than a millisecond; a machine that is this busy has actix write.
const PATIENCE: Duration = Duration::from_secs(2);

const REQUEST: &[u8] =
    b"GET / HTTP/1.1\r\nhost: localhost\r\nconnection: upgrade\r\nupgrade: check\r\n\r\n";

/// What the writer sends, as it stands on the connection.
const SAID: &[u8] = b"5\r\nhello\r\n";

/// Why streams stay with actix.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unfit {
    /// The connection could not be made, or ended early.
    #[error("a connection over loopback: {0}")]
    Io(#[from] io::Error),
    /// Bytes are missing, or in another order.
    #[error("{kind} arrives as {received:?}")]
    Garbled { kind: &'static str, received: String },
}

/// Takes one connection of each kind over, in a thread of its own, which has ended when it returns.
///
/// # Errors
/// [`Unfit`], with which actix must write.
pub(crate) fn check() -> Result<(), Unfit> {
    let trial = || {
        if UNWINDS {
            try_out::<Trial<false>, _>(serve::<Trial<false>>)?;
        }
        try_out::<Trial<true>, _>(serve::<Trial<true>>)
    };
    let thread = std::thread::Builder::new().name("ereo-check".into()).spawn(trial)?;
    thread.join().unwrap_or_else(|_| Err(io::Error::other("the check panicked").into()))
}

/// Says one chunk and ends.
struct Trial<const UPGRADES: bool> {
    said: bool,
}

/// A kind of connection to be tried.
trait Tried: Sending {
    const STATUS: StatusCode;
    const NAME: &'static str;
    /// What goes behind the head.
    const BODY: &'static [u8];

    fn new() -> Self;
}

impl Tried for Trial<false> {
    const STATUS: StatusCode = StatusCode::OK;
    const NAME: &'static str = "an event stream";
    const BODY: &'static [u8] = b"5\r\nhello\r\n0\r\n\r\n";

    fn new() -> Self {
        Self { said: false }
    }
}

impl Tried for Trial<true> {
    const STATUS: StatusCode = StatusCode::SWITCHING_PROTOCOLS;
    const NAME: &'static str = "a socket";
    const BODY: &'static [u8] = SAID;

    fn new() -> Self {
        Self { said: false }
    }
}

impl<const UPGRADES: bool> Sending for Trial<UPGRADES> {
    const UPGRADES: bool = UPGRADES;
    const KIND: Option<&'static str> = None;

    fn poll_body(&mut self, _: &mut Context<'_>) -> Poll<Option<Bytes>> {
        // Through actix it says nothing, so that a stream which was kept is known by its silence.
        Poll::Ready(None)
    }

    fn poll_wire(&mut self, _: &mut Context<'_>) -> Poll<Option<Bytes>> {
        let piece = (!self.said).then_some(Bytes::from_static(SAID));
        self.said = true;
        Poll::Ready(piece)
    }

    fn take_down(&mut self, _: Tally) {}

    fn relay_into(&mut self, _: &Arc<dyn Sink>) {}

    fn is_quiet(&self) -> bool {
        true
    }

    fn is_roused(&self, _: &Context<'_>) -> bool {
        false
    }

    fn take_over(&mut self, _: &Arc<SocketSink>, _: &mut Context<'_>) -> bool {
        true
    }
}

/// Runs the writer as a task of the thread.
struct Spawned;

impl<T: Tried> Successor<T> for Spawned {
    fn go_on(self, writer: Writer<T>) {
        rt::spawn(writer);
    }
}

/// Has `serve` answer one connection, and compares what its client reads.
fn try_out<T: Tried, F: Future<Output = ()> + 'static>(
    serve: impl FnOnce(rt::net::TcpStream, SocketAddr) -> F,
) -> Result<(), Unfit> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let client = TcpStream::connect(listener.local_addr()?)?;
    let (server, peer) = listener.accept()?;
    for stream in [&client, &server] {
        stream.set_nonblocking(true)?;
    }
    let received = rt::Runtime::new()?.block_on(async move {
        let mut client = rt::net::TcpStream::from_std(client)?;
        rt::spawn(serve(rt::net::TcpStream::from_std(server)?, peer));
        client.write_all(REQUEST).await?;
        let mut received = Vec::new();
        let reading = client.read_to_end(&mut received);
        // What has come by then tells more than that the time is over.
        rt::time::timeout(PATIENCE, reading).await.unwrap_or(Ok(0))?;
        Ok::<_, io::Error>(received)
    })?;
    let body =
        received.windows(4).position(|four| four == b"\r\n\r\n").map(|at| &received[at + 4..]);
    match body {
        Some(body) if body == T::BODY => Ok(()),
        _ => {
            let received = String::from_utf8_lossy(&received).into_owned();
            Err(Unfit::Garbled { kind: T::NAME, received })
        }
    }
}

/// Serves one connection of the kind; ends with its dispatcher.
async fn serve<T: Tried>(stream: rt::net::TcpStream, peer: SocketAddr) {
    let workers = Arc::new(Workers::new(CancellationToken::new()));
    let tap = Plain::of(&stream).and_then(|plain| Tap::of(plain, workers));
    let answer = answer::<T>(tap);
    let service = HttpService::build()
        .client_disconnect_timeout(Duration::ZERO)
        .h1(fn_service(answer))
        .new_service(())
        .await;
    if let Ok(service) = service {
        // How it ends is seen by what the client reads.
        let _ = rt::spawn(service.call((stream, Some(peer)))).await;
    }
}

type Answered<T> = Ready<Result<Response<Handoff<T, Spawned>>, Infallible>>;

/// Answers the first request with the body that hands over.
fn answer<T: Tried>(tap: Option<Tap>) -> impl Fn(Request) -> Answered<T> + Clone {
    let tap = Rc::new(Cell::new(tap));
    move |_| {
        let body = Handoff::to(Version::HTTP_11, || tap.take(), T::new(), Spawned);
        let mut response = Response::build(T::STATUS);
        let response = if T::UPGRADES { response.upgrade("check") } else { response.force_close() };
        ready(Ok(response.finish().map_body(|_, _| body)))
    }
}

#[cfg(test)]
mod tests {
    use socket2::SockRef;

    use super::*;

    /// Reads the request and writes the head, as actix does before it asks for the body.
    async fn begin<T: Tried>(stream: &mut rt::net::TcpStream) {
        let mut request = [0; REQUEST.len()];
        stream.read_exact(&mut request).await.unwrap();
        let head = format!("HTTP/1.1 {}\r\n\r\n", T::STATUS);
        stream.write_all(head.as_bytes()).await.unwrap();
    }

    #[test]
    fn this_version_of_actix_and_this_kernel_let_streams_be_taken_over() {
        check().unwrap();
    }

    #[test]
    fn a_dispatcher_that_shuts_the_socket_down_is_found() {
        let shuts = async |mut stream: rt::net::TcpStream, _| {
            begin::<Trial<true>>(&mut stream).await;
            SockRef::from(&stream).shutdown(std::net::Shutdown::Both).unwrap();
        };
        let unfit = try_out::<Trial<true>, _>(shuts).unwrap_err();
        assert!(unfit.to_string().starts_with("a socket arrives as \"HTTP/1.1 101"), "{unfit}");
    }

    #[test]
    fn bytes_that_overtake_the_head_are_found() {
        let overtakes = async |mut stream: rt::net::TcpStream, _| {
            stream.write_all(Trial::<false>::BODY).await.unwrap();
            begin::<Trial<false>>(&mut stream).await;
        };
        let unfit = try_out::<Trial<false>, _>(overtakes).unwrap_err();
        assert!(matches!(unfit, Unfit::Garbled { kind: "an event stream", .. }), "{unfit}");
    }

    #[test]
    fn a_stream_that_stays_with_actix_is_found() {
        let stays = |stream, peer| async move {
            let service = HttpService::build().h1(fn_service(answer::<Trial<false>>(None)));
            let service = service.new_service(()).await.unwrap();
            let _ = service.call((stream, Some(peer))).await;
        };
        let unfit = try_out::<Trial<false>, _>(stays).unwrap_err();
        assert!(unfit.to_string().contains("0\\r\\n"), "{unfit}");
    }
}
