//! Deliveries of a subscription, from its beginning to its end.

use super::entry::Received;
use super::on_lag::ResetReason;
use crate::ending::Ending;
use crate::log::Position;

/// How a reader ended, where its set has not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum End {
    Expired,
    /// Disconnected for lagging.
    Lagged {
        missed: u64,
    },
    /// Its client was sent too much again, and was told when it can have it.
    Refused,
    /// It was given its last message, and does not come back.
    Over,
    /// By name. Boxed, for it is rare.
    Told(Box<Ending>),
}

/// Why the reader does not go on where it wanted to, to be told before anything else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reset {
    pub(crate) reason: ResetReason,
    pub(crate) missed: Option<u64>,
}

impl Reset {
    pub(crate) fn lagged(missed: u64) -> Self {
        Self { reason: ResetReason::Lagged, missed: Some(missed) }
    }

    pub(super) fn unreadable(missed: u64) -> Self {
        Self { reason: ResetReason::Unreadable, missed: Some(missed) }
    }

    /// The client came with a place that is in none of its sets.
    pub(super) const FOREIGN: Self = Self { reason: ResetReason::Epoch, missed: None };
}

/// How a reader of several sets begins.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Beginning {
    pub(super) is_reset: bool,
    /// How many places its client came with, if these are several.
    pub(super) given: usize,
    /// In how many of them a set goes on.
    pub(super) known: usize,
}

impl Beginning {
    /// Whether the first thing to tell is that messages are missing.
    pub(super) fn resets(self) -> bool {
        self.is_reset || self.given > self.known
    }
}

/// What a subscription hands out.
///
/// ```
/// use ereo_runtime::{ClientSet, Delivery, LastEventId};
///
/// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
/// let set = ClientSet::<String>::new();
/// let mut reader = set.subscribe(LastEventId::none());
/// set.broadcast(&"hello".to_owned())?;
/// match reader.recv().await {
///     Some(Delivery::Message { position, message }) => {
///         assert_eq!((position.offset(), message.as_str()), (1, "hello"));
///     }
///     Some(Delivery::Reset { reason, missed, .. }) => println!("load again: {reason:?}, {missed:?}"),
///     Some(_) | None => println!("it has ended"),
/// }
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub enum Delivery<T> {
    /// The next message.
    Message {
        /// Its place in the set's order. One without a place, by [`Subscription::starting_with`](super::Subscription::starting_with) or
        /// [`ClientSet::broadcast_ephemeral`](super::ClientSet::broadcast_ephemeral), comes with the reader's
        /// place, which stays.
        position: Position,
        /// The message.
        message: Received<T>,
    },
    /// The reader does not go on where it was: messages are missing.
    Reset {
        /// Why.
        reason: ResetReason,
        /// How many messages are missing, where that can be known.
        missed: Option<u64>,
        /// Where the reader goes on: behind this.
        position: Position,
    },
    /// The reader's credentials have ended ([`Subscription::expires_at`](super::Subscription::expires_at)): nothing else comes.
    Expired,
}
