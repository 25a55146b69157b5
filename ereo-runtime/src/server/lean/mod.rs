//! The lean path: how a stream that runs over plain TCP leaves actix's dispatcher.
//!
//! The dispatcher costs a connection two buffers of 8 KiB and every delivery a walk through its
//! states. Behind a proxy that terminates TLS, none of that is needed once the response head is out:
//! the socket is duplicated, and a small task of ours, a [`Writer`](writer::Writer), polls the very
//! same [`Sending`] and writes to it. What is sent, counted, limited, drained and traced is therefore
//! the same on both paths; only who writes differs.
//!
//! ```text
//! head written -> Handoff: is everything flushed? -> yes: Writer over a duplicate of the socket
//!                                                 -> cannot tell, or TLS, HTTP/2, not TCP: actix writes on
//! ```
//!
//! - An event stream *parks* its dispatcher: it keeps watching for the client's FIN and goes on when
//!   the stream has ended. There is no way to end it behind the head of a 200 that neither logs an
//!   error a client nor waits for the keep-alive time while actix reads on. So its memory stays.
//! - A WebSocket *ends* its dispatcher, which frees its buffers, and reads from the socket itself.
//!
//! No byte may be written before actix has flushed what it holds, and actix tells nobody. The kernel
//! does: [`Tap::accepted`](tap::Tap::accepted) counts the bytes that the socket has taken. If it had
//! room, actix's turn to flush came, and the count is still the same, then there was nothing to flush.

mod handoff;
#[cfg(target_os = "linux")]
mod tap;
#[cfg(not(target_os = "linux"))]
#[path = "no_tap.rs"]
mod tap;
mod writer;

use std::rc::Rc;
use std::task::{Context, Poll};

use bytes::Bytes;
use tokio::net::TcpStream;

use super::observe::ConnectionKind;

pub(crate) use handoff::Handoff;
pub(super) use tap::remember;

/// What one connection is sent, over either path.
pub(crate) trait Sending: Unpin + 'static {
    /// Whether it reads from the connection as well, and so ends the dispatcher to leave it.
    const TAKES_OVER: bool;
    /// What it is, for the metrics.
    const KIND: ConnectionKind;

    /// The next bytes for actix, which frames them where the protocol asks for it.
    fn poll_body(&mut self, cx: &mut Context<'_>) -> Poll<Option<Bytes>>;

    /// The next bytes as they stand on an HTTP/1 connection.
    fn poll_wire(&mut self, cx: &mut Context<'_>) -> Poll<Option<Bytes>>;

    /// Reads from `socket` from now on, and not through actix. False, and nothing has changed, if
    /// actix may still hold something that was read.
    fn take_over(&mut self, socket: &Rc<TcpStream>, cx: &mut Context<'_>) -> bool;
}
