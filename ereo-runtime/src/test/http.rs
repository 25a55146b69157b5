//! One HTTP/1.1 exchange over one connection, by actix's own codec.

use std::io;
use std::time::Duration;

use actix_http::body::BodySize;
use actix_http::h1::{ClientCodec, ClientPayloadCodec, Message, MessageType};
use actix_http::{RequestHeadType, ResponseHead, ServiceConfig};
use actix_web::http::StatusCode;
use bytes::{Bytes, BytesMut};
use futures_util::{SinkExt as _, StreamExt as _};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _};
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};
use tokio_util::codec::Framed;

use super::answer::Answer;
use crate::server::DrainHandle;

/// What bytes go over.
pub(super) trait Io: AsyncRead + AsyncWrite + Unpin {}

impl<T: AsyncRead + AsyncWrite + Unpin> Io for T {}

/// A connection to the server.
pub(super) struct Wire {
    pub(super) io: Box<dyn Io>,
    pub(super) served: Served,
}

/// The server's side of a connection.
pub(super) enum Served {
    /// Within the test.
    Here(JoinHandle<()>),
    /// By other threads: what counts their streams and sockets.
    Elsewhere(DrainHandle),
}

impl Served {
    /// What else is open, once this one has ended.
    pub(super) fn others(&self) -> usize {
        match self {
            Self::Here(_) => 0,
            Self::Elsewhere(server) => server.open_connections().saturating_sub(1),
        }
    }
}

/// So long a server may take between the end of a connection and of what it served.
const MOMENT: Duration = Duration::from_millis(100);

/// An answer whose body is still to be read.
pub(super) struct Response {
    pub(super) head: ResponseHead,
    framed: Framed<Box<dyn Io>, ClientPayloadCodec>,
    served: Served,
    ended: bool,
}

/// Sends the request, and reads the head of the answer.
pub(super) async fn exchange(
    wire: Wire,
    config: ServiceConfig,
    head: RequestHeadType,
    body: Bytes,
) -> io::Result<Response> {
    let mut framed = Framed::new(wire.io, ClientCodec::new(config));
    let size = match body.len() {
        0 => BodySize::None,
        length => BodySize::Sized(length as u64),
    };
    framed.send(Message::Item((head, size))).await?;
    if !body.is_empty() {
        framed.send(Message::Chunk(Some(body))).await?;
    }
    let head = match framed.next().await {
        Some(head) => head.map_err(io::Error::other)?,
        None => return Err(io::ErrorKind::UnexpectedEof.into()),
    };
    let ended = matches!(framed.codec().message_type(), MessageType::None);
    let framed = framed.map_codec(ClientCodec::into_payload_codec);
    Ok(Response { head, framed, served: wire.served, ended })
}

impl Response {
    pub(super) fn status(&self) -> StatusCode {
        self.head.status
    }

    /// The next bytes of the body; none behind its end, also where the connection breaks.
    pub(super) async fn chunk(&mut self) -> Option<Bytes> {
        if self.ended {
            return None;
        }
        let chunk = self.framed.next().await.and_then(Result::ok).flatten();
        self.ended = chunk.is_none();
        chunk
    }

    /// Reads the rest.
    pub(super) async fn into_answer(mut self) -> Answer {
        let mut body = BytesMut::new();
        while let Some(chunk) = self.chunk().await {
            body.extend_from_slice(&chunk);
        }
        Answer::new(self.head, body.freeze())
    }

    /// The connection, and what was read behind the head.
    pub(super) fn into_upgraded(self) -> (Wire, BytesMut) {
        let parts = self.framed.into_parts();
        (Wire { io: parts.io, served: self.served }, parts.read_buf)
    }

    /// Leaves, as a client does that closes its connection, and returns once the server has seen it.
    pub(super) async fn leave(self) {
        let others = self.served.others();
        self.into_upgraded().0.leave(others).await;
    }
}

impl Wire {
    /// Leaves, and returns once the server has seen it, which then has so many `others`.
    pub(super) async fn leave(mut self, others: usize) {
        match self.served {
            Served::Here(served) => {
                drop(self.io);
                // It ends also where what it served has panicked.
                let _ = served.await;
            }
            Served::Elsewhere(server) => {
                // The server closes in return, or resets: either way it has seen this end.
                let _ = self.io.shutdown().await;
                let _ = tokio::io::copy(&mut self.io, &mut tokio::io::sink()).await;
                // And lets go of what it served, in this moment; unless others have come meanwhile.
                let counted_out = async {
                    while server.open_connections() > others {
                        sleep(Duration::from_millis(1)).await;
                    }
                };
                let _ = timeout(MOMENT, counted_out).await;
            }
        }
    }
}
