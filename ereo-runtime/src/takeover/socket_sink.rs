//! The socket of a connection that has left actix, as its writer and a relay share it.

use std::sync::Arc;
use std::task::Waker;

use bytes::Bytes;

use super::relayed::{Relayed, Tally};
use super::socket::Socket;
use crate::fanout::{Leases, Load, Sent, Sink};

/// A relay's load goes to the kernel at once; what the kernel does not take is left to the writer.
#[derive(Debug)]
pub struct SocketSink {
    leases: Leases,
    relayed: Relayed,
    socket: Socket,
}

impl SocketSink {
    pub(super) fn new(socket: Socket) -> Self {
        Self { leases: Leases::new(), relayed: Relayed::new(), socket }
    }

    /// The sink as relays know it.
    pub(crate) fn for_relays(self: &Arc<Self>) -> Arc<dyn Sink> {
        Arc::clone(self) as _
    }

    pub(crate) fn socket(&self) -> &Socket {
        &self.socket
    }

    /// What relays have sent since this was last asked.
    pub(super) fn tally(&self) -> Option<Tally> {
        self.relayed.take(self.socket.since())
    }

    /// What the socket did not take of a relay's load: the writer writes it before anything else.
    pub(super) fn take_rest(&self) -> Option<Bytes> {
        self.socket.take_rest()
    }
}

impl Sink for SocketSink {
    fn leases(&self) -> &Leases {
        &self.leases
    }

    fn send(&self, load: &Load<'_>) -> Sent {
        // Full, or broken: the writer will find it so as well.
        let Ok(written) = self.socket.send(load.bytes) else { return Sent::Busy };
        let uncounted = self.relayed.add(load, self.socket.since());
        if written == load.bytes.len() {
            return Sent::All { wake: None, uncounted };
        }
        self.leases.revoke();
        self.socket.keep_rest(load.bytes.slice(written..));
        Sent::Partly
    }

    fn set_waker(&self, writer: &Waker) {
        self.socket.set_waker(writer);
    }

    fn take_waker(&self) -> Option<Waker> {
        self.socket.take_waker()
    }

    #[cfg(feature = "inspector")]
    fn uncounted(&self) -> (u64, u64) {
        self.relayed.uncounted()
    }

    fn is_polled_by_actix(&self) -> bool {
        false
    }
}
