//! The fate of a reader that cannot be continued.

use serde::{Serialize, Serializer};

/// What becomes of a reader whose next message has fallen out of the log.
///
/// ```
/// use ereo_runtime::prelude::*;
///
/// // Each message is the whole state: who is behind wants the newest.
/// let set = ClientSet::<String>::builder().on_lag(OnLag::KeepLatest).build();
/// let reader = set.subscribe(LastEventId::none()).on_lag(OnLag::SkipToOldest);
/// # drop(reader);
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum OnLag {
    /// Its connection ends; it comes back with its position and is then told what it missed.
    #[default]
    Disconnect,
    /// It is told how many it missed and goes on from the oldest message that is kept.
    SkipToOldest,
    /// It is told how many it missed and goes on from the newest message: right for feeds whose
    /// every message is the whole state.
    KeepLatest,
}

/// Why a reader does not go on where it was.
///
/// ```
/// use ereo_runtime::{ClientSet, Delivery, LastEventId, Position, ResetReason};
///
/// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
/// let of_another_set = ClientSet::<String>::new().position();
/// let mut reader = ClientSet::<String>::new().subscribe(LastEventId::from(of_another_set));
/// let Some(Delivery::Reset { reason, .. }) = reader.recv().await else { panic!("no reset") };
/// assert_eq!((reason, reason.as_str()), (ResetReason::Epoch, "epoch"));
/// # });
/// # Ok::<_, std::io::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ResetReason {
    /// The position was right, but messages behind it have fallen out of the log.
    Expired,
    /// The position is from another life of the set, or was never given out.
    Epoch,
    /// The reader was too slow.
    Lagged,
    /// The set's store has messages that are none of the set's type: of another version of the program, for one. The
    /// reader goes on behind them.
    Unreadable,
}

impl ResetReason {
    /// As it is told to clients: `expired`, `epoch`, `lagged` or `unreadable`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Expired => "expired",
            Self::Epoch => "epoch",
            Self::Lagged => "lagged",
            Self::Unreadable => "unreadable",
        }
    }
}

impl Serialize for ResetReason {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}
