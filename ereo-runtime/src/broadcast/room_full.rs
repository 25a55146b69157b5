//! A set that holds as many clients as it may.

use metrics::counter;

/// The set, or the room, has as many clients as [`Builder::max_clients`](super::Builder::max_clients)
/// allows.
///
/// Returned from a route's function or an `open` hook it is 503 with `Retry-After`; from a socket's
/// function, close code 1008.
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
