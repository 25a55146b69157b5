//! A connection's name.

use std::fmt;
use std::num::NonZeroU64;
use std::sync::atomic::{AtomicU64, Ordering};

/// Names a connection in this process, in every set that it joins; [`ClientId::name`] is its name among those of all.
///
/// ```
/// use ereo_runtime::prelude::*;
///
/// #[websocket("/game")]
/// async fn game(mut socket: Socket<String, String>, set: Data<ClientSet<String>>) -> Result<(), SocketError> {
///     let seat = set.join(&socket)?;
///     while let Some(line) = socket.recv().await? {
///         // By its name, a client can be told apart and sent to.
///         set.broadcast_except(seat.id(), &line)?;
///         let _ = set.send_to(seat.id(), &"heard".to_owned());
///     }
///     Ok(())
/// }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ClientId(NonZeroU64);

impl ClientId {
    pub(crate) fn next() -> Self {
        static LAST: AtomicU64 = AtomicU64::new(0);
        // Only uniqueness matters, and nobody lives to see the last one.
        Self(NonZeroU64::MIN.saturating_add(LAST.fetch_add(1, Ordering::Relaxed)))
    }

    pub(super) const fn of(number: NonZeroU64) -> Self {
        Self(number)
    }

    /// Its number.
    pub const fn get(self) -> u64 {
        self.0.get()
    }
}

impl fmt::Display for ClientId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
