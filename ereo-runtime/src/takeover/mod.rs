//! The takeover: how a stream that runs over plain TCP leaves actix's dispatcher.
//!
//! The dispatcher costs a connection two buffers of 8 KiB and every delivery a walk through its
//! states. Behind a proxy that terminates TLS, none of that is needed once the response head is out:
//! the socket is duplicated, and a [`Writer`] of ours polls the very same [`Sending`] and writes to it. A
//! WebSocket's is a part of the future that reads from the socket already, an event stream's is one by
//! itself; both run in a [`Executor`](crate::worker::Executor). What is sent, counted, limited, drained and traced is
//! therefore the same on both paths; only who writes differs.
//!
//! ```text
//! head written -> Handoff: is everything flushed? -> yes: Writer over a duplicate of the socket
//!                                                 -> cannot tell, or TLS, HTTP/2, not TCP: actix writes on
//! ```
//!
//! - A WebSocket's driver reads from the socket itself. Its dispatcher ends since the body breaks its
//!   promise of a length, which the head of a 101 does not tell: actix drops the connection without a
//!   shutdown and without a word in the log.
//! - The head of a 200 does tell, and every other error of a body is logged, one a client. So an event
//!   stream's dispatcher is *unwound*: the body resumes a panic that no hook hears of, and the runtime
//!   drops the task as it drops any that panics. Where panics abort, event streams stay with actix. The
//!   connection closes behind such a stream, and its head says so.
//!
//! Either way the dispatcher and its two buffers are freed, and what is left of the connection is the
//! [`SocketSink`], the writer, and what is sent.
//!
//! A connection that stays with actix is polled through a [`Dispatch`](dispatch::Dispatch), which first hands
//! out the load that a relay left in its [`BodySink`](body_sink::BodySink).
//!
//! No byte may be written before actix has flushed what it holds, and actix tells nobody. The kernel
//! does: [`Tap::accepted`](probe::Tap::accepted) counts the bytes that the socket has taken. If it had
//! room, actix's turn to flush came, and the count is still the same, then there was nothing to flush.

mod body_sink;
#[cfg(all(test, target_os = "linux", feature = "direct-writes"))]
mod canaries;
#[cfg(all(target_os = "linux", feature = "direct-writes"))]
mod check;
#[cfg(not(all(target_os = "linux", feature = "direct-writes")))]
#[path = "no_check.rs"]
mod check;
mod dispatch;
mod handoff;
#[cfg(all(target_os = "linux", feature = "direct-writes"))]
mod probe;
#[cfg(not(all(target_os = "linux", feature = "direct-writes")))]
#[path = "no_probe.rs"]
mod probe;
mod relayed;
#[cfg(all(target_os = "linux", feature = "direct-writes"))]
mod socket;
#[cfg(not(all(target_os = "linux", feature = "direct-writes")))]
#[path = "no_socket.rs"]
mod socket;
mod socket_sink;
mod writer;

use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;

use crate::fanout::Sink;

pub(crate) use check::check;
pub(crate) use handoff::UNWINDS;
pub(crate) use handoff::{Handoff, StreamExecutor, Successor};
pub(crate) use probe::{Plain, Tap};
pub(crate) use relayed::Tally;
pub(crate) use socket::Socket;
pub(crate) use socket_sink::SocketSink;

pub(crate) use writer::Writer;

/// The bytes of one connection, over either path.
pub(crate) trait Sending: Unpin + 'static {
    /// Whether it is answered with 101, and reads from the connection as well.
    const UPGRADES: bool;
    /// The kind of connection, for the metrics; none for a trial.
    const KIND: Option<&'static str>;

    /// It is asked for the first time, before its head goes out: whoever has the head finds it begun.
    fn begins(&mut self) {}

    /// The next bytes for actix, which frames them where the protocol asks for it.
    fn poll_body(&mut self, cx: &mut Context<'_>) -> Poll<Option<Bytes>>;

    /// The next bytes as they stand on an HTTP/1 connection.
    fn poll_wire(&mut self, cx: &mut Context<'_>) -> Poll<Option<Bytes>>;

    /// Takes down what others have sent for it.
    fn take_down(&mut self, tally: Tally);

    /// Lets relays write to `sink` while there is nothing to send.
    fn relay_into(&mut self, sink: &Arc<dyn Sink>);

    /// True if nothing but a relay, and a revocation of its lease, will wake it: asked where it has just found
    /// nothing to send. Deadlines, which [`is_roused`](Sending::is_roused) knows of, are left out.
    fn is_quiet(&self) -> bool;

    /// True if a deadline is to be looked at.
    fn is_roused(&self, cx: &Context<'_>) -> bool;

    /// Goes on over the socket of `sink` and not through actix. False, and nothing has changed, if actix may still
    /// hold something that was read.
    fn take_over(&mut self, sink: &Arc<SocketSink>, cx: &mut Context<'_>) -> bool;
}
