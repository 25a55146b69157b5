//! A set that holds as many clients as it may.

use crate::meters::counter;

/// The set, or the room, has as many clients as [`Builder::max_clients`](super::Builder::max_clients)
/// allows.
///
/// Returned from a route's function or an `open` hook it is 503 with `Retry-After`; from a socket's
/// function, close code 1008.
///
/// ```
/// use ereo_runtime::prelude::*;
///
/// struct Player { seat: Seat<String> }
///
/// #[websocket("/table")]
/// impl Player {
///     // The fifth is told 503 before the upgrade, where the set is built with `max_clients(4)`.
///     async fn open(conn: Connection<String>, table: Data<ClientSet<String>>) -> Result<Self, RoomFull> {
///         Ok(Self { seat: table.join(&conn)? })
///     }
///
///     async fn message(&mut self, said: String) -> Result<(), SocketError> {
///         self.seat.broadcast(&said)?;
///         Ok(())
///     }
/// }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the room is full")]
#[non_exhaustive]
pub struct RoomFull;

impl RoomFull {
    /// Counts and traces a refusal.
    pub(super) fn refused(kind: &'static str) -> Self {
        counter!("ereo_refused_total", "kind" => kind, "reason" => "room").increment(1);
        tracing::info!(kind, reason = "room", "refused");
        Self
    }
}
