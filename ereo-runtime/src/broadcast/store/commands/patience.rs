//! What is sent to a socket that has no room for it.
//!
//! A node that was away does what it missed at once, which may be more than a mailbox holds: who reads has room again in
//! a moment, and is waited for. Who does not is nobody's concern for long.

use std::time::Duration;

use tokio::time::{Instant, sleep};

use crate::broadcast::mailboxes::{DirectQueue, PushError, SeatKey};
use crate::sync::Arc;
use crate::wire::Encoded;

/// So much of this time is waited for sockets, all together: the others are not to feel it.
const WAITED: Duration = Duration::from_secs(2);
const OF: Duration = Duration::from_secs(20);

/// Before it is tried again.
const AGAIN: Duration = Duration::from_millis(5);

/// A frame that a socket had no room for.
pub(super) struct Late {
    pub(super) queue: Arc<dyn DirectQueue>,
    pub(super) seat: SeatKey,
    pub(super) frame: Encoded,
    /// Behind what its set had sent before this.
    pub(super) head: u64,
}

impl Late {
    /// Sends it, if there is room; whether it is not to be tried again.
    pub(super) fn is_done(&self) -> bool {
        let sent = self.queue.push_behind(&self.frame, self.seat, self.head);
        sent != Err(PushError::Full)
    }
}

/// How long there is to wait yet.
pub(super) struct Patience {
    left: Duration,
    since: Instant,
}

impl Patience {
    pub(super) fn new() -> Self {
        Self { left: WAITED, since: Instant::now() }
    }

    pub(super) async fn send(&mut self, mut late: Vec<Late>) {
        while !late.is_empty() {
            if self.since.elapsed() > OF {
                *self = Self::new();
            }
            if self.left < AGAIN {
                tracing::warn!(
                    sockets = late.len(),
                    "sockets do not read as fast as they are sent to"
                );
                return;
            }
            self.left -= AGAIN;
            sleep(AGAIN).await;
            late.retain(|late| !late.is_done());
        }
    }
}
