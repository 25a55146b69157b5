//! Whole connections in memory, under a paused clock: the payload is fed and the body polled by hand.

mod backpressure;
mod beats;
mod closing;
mod expiring;
mod hooks;
mod messages;
mod silence;
mod sources;

use std::cell::RefCell;
use std::future::poll_fn;
use std::pin::Pin;
use std::rc::Rc;
use std::time::Duration;

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::Payload as RequestPayload;
use actix_web::error::PayloadError;
use actix_web::http::header;
use actix_web::test::TestRequest;
use bytes::{Bytes, BytesMut};

use super::link::Link;
use super::*;
use crate::message::Payload;
use crate::wire::{Header, OpCode, Rsv};

const SECOND: Duration = Duration::from_secs(1);

/// The peer of a connection: what it sends and what it is sent.
struct Peer {
    send: Box<dyn FnMut(Option<Bytes>)>,
    body: Option<Pin<Box<BoxBody>>>,
    wire: BytesMut,
}

fn upgrade(options: Options) -> Upgrade {
    upgrade_at("/", options)
}

fn upgrade_at(uri: &str, options: Options) -> Upgrade {
    let request = TestRequest::with_uri(uri)
        .insert_header((header::HOST, "app.example"))
        .insert_header((header::UPGRADE, "websocket"))
        .insert_header((header::CONNECTION, "upgrade"))
        .insert_header((header::SEC_WEBSOCKET_VERSION, "13"))
        .insert_header((header::SEC_WEBSOCKET_KEY, "dGhlIHNhbXBsZSBub25jZQ=="))
        .to_http_request();
    accept(&request, options).unwrap()
}

/// The link of a connection that is not begun.
pub(super) fn link() -> Link {
    upgrade(Options::default()).link().clone()
}

impl Peer {
    fn start(serve: impl FnOnce(RequestPayload) -> actix_web::HttpResponse) -> Self {
        let (mut sender, payload) = actix_http::h1::Payload::create(false);
        let response = serve(RequestPayload::H1 { payload });
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
        R: Outcome + 'static,
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

async fn echo(mut socket: Socket<Payload, Payload>) -> Result<(), SocketError> {
    while let Some(message) = socket.recv().await? {
        socket.send(&message).await?;
    }
    Ok(())
}
