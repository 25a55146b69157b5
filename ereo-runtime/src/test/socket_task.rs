//! The task that reads and writes a test's socket beside the test, and answers pings.

use std::fmt;

use actix_http::ws::{self, Codec};
use bytes::{Bytes, BytesMut};
use bytestring::ByteString;
use futures_util::{SinkExt as _, StreamExt as _};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio_util::codec::{Framed, FramedParts};

use super::ended::Closed;
use super::http::{Io, Served, Wire};
use super::socket::text_of;
use crate::message::Payload;

/// What a test may leave unread.
const KEPT: usize = 1000;

/// More than a test sends in one frame.
const LARGEST: usize = 64 << 20;

/// The next thing that happens on a socket.
pub(super) enum Came {
    Message(Payload),
    Closed(Closed),
}

impl fmt::Display for Came {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Message(frame) => f.write_str(&text_of(frame)),
            Self::Closed(closed) => write!(f, "the end ({closed:?})"),
        }
    }
}

type Spawned = (mpsc::Sender<ws::Message>, mpsc::Receiver<Came>, JoinHandle<()>);

/// Begins; ends with the socket, or when both the sender and the receiver are dropped.
pub(super) fn spawn(wire: Wire, unread: BytesMut) -> Spawned {
    let (commands, commanded) = mpsc::channel(1);
    let (tell, told) = mpsc::channel(KEPT);
    let Wire { io, served } = wire;
    let codec = Codec::new().max_size(LARGEST).client_mode();
    let mut parts = FramedParts::new::<ws::Message>(io, codec);
    parts.read_buf = unread;
    let task = Task { framed: Framed::from_parts(parts), served, partial: None };
    let task = actix_web::rt::spawn(task.run(commanded, tell));
    (commands, told, task)
}

struct Task {
    framed: Framed<Box<dyn Io>, Codec>,
    served: Served,
    /// A message of which more is to come, and whether it is text.
    partial: Option<(bool, BytesMut)>,
}

impl Task {
    /// Leaves where the socket was closed; it vanishes where the test has dropped it.
    async fn run(mut self, mut commanded: mpsc::Receiver<ws::Message>, tell: mpsc::Sender<Came>) {
        let mut closing = false;
        let mut others = 0;
        let closed = loop {
            tokio::select! {
                // Nothing is read that there is no room for.
                (permit, frame) = async {
                    let permit = tell.reserve().await;
                    (permit, self.framed.next().await)
                } => {
                    let Ok(permit) = permit else { return };
                    let Some(Ok(frame)) = frame else { break Closed::vanished() };
                    match self.heard(frame) {
                        Heard::Message(frame) => permit.send(Came::Message(frame)),
                        Heard::Ping(payload) => {
                            // One that cannot be answered is the end, which is read next.
                            let _ = self.framed.send(ws::Message::Pong(payload)).await;
                        }
                        Heard::Close(reason) => {
                            if !closing {
                                others = self.served.others();
                                let _ = self.framed.send(ws::Message::Close(reason.clone())).await;
                            }
                            break Closed::by_frame(
                                reason.as_ref().map(|reason| reason.code.into()),
                                reason.and_then(|reason| reason.description).unwrap_or_default(),
                            );
                        }
                        Heard::Nothing => {}
                    }
                }
                message = commanded.recv(), if !closing => {
                    let Some(message) = message else { return };
                    closing = matches!(message, ws::Message::Close(_));
                    others = self.served.others();
                    // The peer's end is told by what it reads, as above.
                    let _ = self.framed.send(message).await;
                }
            }
        };
        drop(commanded);
        // The test may have left already.
        let _ = tell.send(Came::Closed(closed)).await;
        Wire { io: self.framed.into_parts().io, served: self.served }.leave(others).await;
    }

    fn heard(&mut self, frame: ws::Frame) -> Heard {
        match frame {
            ws::Frame::Text(bytes) => Heard::Message(text(bytes)),
            ws::Frame::Binary(bytes) => Heard::Message(Payload::Binary(bytes)),
            ws::Frame::Continuation(item) => self.part(item),
            ws::Frame::Ping(payload) => Heard::Ping(payload),
            ws::Frame::Pong(_) => Heard::Nothing,
            ws::Frame::Close(reason) => Heard::Close(reason),
        }
    }

    fn part(&mut self, item: ws::Item) -> Heard {
        let (bytes, last) = match item {
            ws::Item::FirstText(bytes) => {
                self.partial = Some((true, bytes.as_ref().into()));
                return Heard::Nothing;
            }
            ws::Item::FirstBinary(bytes) => {
                self.partial = Some((false, bytes.as_ref().into()));
                return Heard::Nothing;
            }
            ws::Item::Continue(bytes) => (bytes, false),
            ws::Item::Last(bytes) => (bytes, true),
        };
        // The codec refuses what goes on with nothing.
        let Some((is_text, mut whole)) = self.partial.take() else { return Heard::Nothing };
        whole.extend_from_slice(&bytes);
        if !last {
            self.partial = Some((is_text, whole));
            return Heard::Nothing;
        }
        let whole = whole.freeze();
        Heard::Message(if is_text { text(whole) } else { Payload::Binary(whole) })
    }
}

/// What a frame is for the test.
enum Heard {
    Message(Payload),
    Ping(Bytes),
    Close(Option<ws::CloseReason>),
    Nothing,
}

/// What is no text is shown as what it is.
fn text(bytes: Bytes) -> Payload {
    ByteString::try_from(bytes.clone()).map_or(Payload::Binary(bytes), Payload::Text)
}
