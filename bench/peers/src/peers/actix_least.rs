//! The least that a fan-out through actix's dispatcher can cost: the floor on that path.
//!
//! Each thread has a list of what was published and of who waits. All that a body finds is one piece,
//! put together once for all that stand at one place. No second thread, replay, heartbeat or limit.

use std::cell::RefCell;
use std::convert::Infallible;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use actix_web::body::{BodySize, BodyStream, MessageBody};
use actix_web::http::header::{CONTENT_TYPE, SEC_WEBSOCKET_ACCEPT};
use actix_web::web::{Bytes, Data, Payload, get, post};
use actix_web::{App, HttpResponse, HttpServer, Responder};
use ereo_bench::wire;
use futures_util::StreamExt as _;

/// What was published, as it goes out, since the beginning.
#[derive(Default)]
struct Log {
    pieces: Vec<Bytes>,
    waiting: Vec<Waker>,
    /// From where to where the last body read, and what.
    read: (usize, usize, Bytes),
}

#[derive(Clone, Default)]
struct Shared(Rc<RefCell<Log>>);

impl Shared {
    fn publish(&self, piece: Vec<u8>) {
        let mut log = self.0.borrow_mut();
        log.pieces.push(piece.into());
        let waiting = std::mem::take(&mut log.waiting);
        drop(log);
        waiting.into_iter().for_each(Waker::wake);
    }

    /// A body that begins here.
    fn body(&self) -> Body {
        Body { next: self.0.borrow().pieces.len(), shared: self.clone() }
    }
}

struct Body {
    shared: Shared,
    next: usize,
}

impl MessageBody for Body {
    type Error = Infallible;

    fn size(&self) -> BodySize {
        BodySize::Stream
    }

    fn poll_next(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Infallible>>> {
        let Self { shared, next } = self.get_mut();
        let mut log = shared.0.borrow_mut();
        let end = log.pieces.len();
        if *next == end {
            log.waiting.push(cx.waker().clone());
            return Poll::Pending;
        }
        if (log.read.0, log.read.1) != (*next, end) {
            log.read = (*next, end, log.pieces[*next..].concat().into());
        }
        *next = end;
        Poll::Ready(Some(Ok(log.read.2.clone())))
    }
}

async fn feed(shared: Data<Shared>) -> impl Responder {
    HttpResponse::Ok().insert_header((CONTENT_TYPE, "text/event-stream")).body(shared.body())
}

async fn publish(shared: Data<Shared>, body: String) -> impl Responder {
    shared.publish(format!("data: {body}\n\n").into_bytes());
    HttpResponse::Accepted()
}

async fn socket(shared: Data<Shared>, mut payload: Payload) -> impl Responder {
    let body = shared.body();
    actix_web::rt::spawn(async move {
        let mut received = Vec::new();
        while let Some(Ok(chunk)) = payload.next().await {
            received.extend_from_slice(&chunk);
            while let Some((frame, size)) = wire::read_frame(&received) {
                if frame.opcode == wire::TEXT {
                    let message = frame.text();
                    // The fields of the message, between the braces, after what the server adds.
                    let fields = message.get(1..).unwrap_or_default();
                    let message = [br#"{"type":"message","userId":"anonymous","#, fields].concat();
                    let mut piece = Vec::new();
                    wire::frame(&mut piece, &message);
                    shared.publish(piece);
                }
                received.drain(..size);
            }
        }
    });
    HttpResponse::SwitchingProtocols()
        .upgrade("websocket")
        .insert_header((SEC_WEBSOCKET_ACCEPT, wire::ACCEPT))
        .body(body)
}

/// What was read goes out with the next poll of the body: one piece for all frames that came together.
async fn echo(mut payload: Payload) -> impl Responder {
    let (sender, mut pieces) = tokio::sync::mpsc::unbounded_channel();
    actix_web::rt::spawn(async move {
        let mut received = Vec::new();
        while let Some(Ok(chunk)) = payload.next().await {
            received.extend_from_slice(&chunk);
            let (mut taken, mut piece) = (0, Vec::new());
            while let Some((frame, size)) = wire::read_frame(&received[taken..]) {
                if frame.opcode == wire::TEXT {
                    wire::frame(&mut piece, &frame.text());
                }
                taken += size;
            }
            received.drain(..taken);
            if sender.send(Ok::<_, Infallible>(Bytes::from(piece))).is_err() {
                return;
            }
        }
    });
    let pieces = futures_util::stream::poll_fn(move |cx| pieces.poll_recv(cx));
    HttpResponse::SwitchingProtocols()
        .upgrade("websocket")
        .insert_header((SEC_WEBSOCKET_ACCEPT, wire::ACCEPT))
        .body(BodyStream::new(pieces))
}

#[actix_web::main]
async fn main() -> std::io::Result<()> {
    HttpServer::new(|| {
        App::new()
            .app_data(Data::new(Shared::default()))
            .route("/api/feed", get().to(feed))
            .route("/api/feed", post().to(publish))
            .route("/api/ws", get().to(socket))
            .route("/ws", get().to(echo))
    })
    .workers(ereo_bench::number("WORKERS", 1))
    .shutdown_timeout(1)
    .bind(("127.0.0.1", ereo_bench::number("PORT", 8080)))?
    .run()
    .await
}
