//! The sink: a connection as a relay writes to it, in place of the connection's own writer.

use std::fmt;
use std::task::Waker;

use bytes::Bytes;
use tokio::time::Instant;

use super::lease::Leases;

/// One connection as a relay sees it. `takeover` has the two kinds: a socket of ours, and a body that actix
/// polls.
///
/// A relay sends on the connection's own thread, and only under a valid lease of [`Sink::leases`].
pub trait Sink: fmt::Debug + Send + Sync {
    /// Who may write next.
    fn leases(&self) -> &Leases;

    /// Sends a load, counts it, and keeps what was not taken for the writer.
    fn send(&self, load: &Load<'_>) -> Sent;

    /// Stores the writer's waker, for [`Sink::take_waker`].
    fn set_waker(&self, writer: &Waker);

    /// The writer's waker, if it waits.
    fn take_waker(&self) -> Option<Waker>;

    /// Messages and bytes that relays have sent, and the writer has not counted yet; from any thread.
    #[cfg(feature = "inspector")]
    fn uncounted(&self) -> (u64, u64) {
        (0, 0)
    }

    /// Whether the stored waker is that of a body which actix polls, and not of the connection's task.
    fn is_polled_by_actix(&self) -> bool;
}

/// Several messages that go out at once.
#[derive(Debug, Clone, Copy)]
pub struct Load<'a> {
    pub(crate) bytes: &'a Bytes,
    pub(crate) messages: u64,
    /// Bytes that the metrics are told of: not those of an HTTP chunk around an event.
    pub(crate) told: u64,
    pub(crate) now: Instant,
}

/// What became of a load.
#[derive(Debug)]
pub enum Sent {
    /// All of it is out, or with a body.
    All {
        /// The body's waker, which is to be woken to hand it out.
        wake: Option<Waker>,
        /// Whether the writer should be woken to count what relays have sent.
        uncounted: bool,
    },
    /// A part is out. The sink keeps the rest, and has revoked the lease.
    Partly,
    /// Nothing is out: the socket is full or broken, or the body has not handed out the last load.
    Busy,
}
