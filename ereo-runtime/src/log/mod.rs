//! The bounded log of a set: history, queue and replay at once.
//!
//! | file | one idea |
//! |---|---|
//! | `ring` | the log itself: pure data, without locks or a clock |
//! | `asides` | entries beside it that have no place and are never replayed |
//! | `behind` | which entries a connected reader still needs |
//! | `waiters` | the lock around it, its readers' cursors, and who is woken |
//! | `position` | what a reader is told of its place: epoch and offset |
//! | `epochs` | where the log's epochs have ended, and which positions are good |
//! | `last_event_id` | what a client comes back with: a position, or one for each of several logs |

mod asides;
mod behind;
mod epochs;
#[cfg(test)]
mod epochs_model;
mod last_event_id;
#[cfg(test)]
mod model;
mod position;
mod ring;
mod waiters;

pub(crate) use epochs::Epochs;
#[cfg(any(feature = "redis", feature = "sqlite"))]
pub(crate) use epochs::Stretch;
pub use last_event_id::LastEventId;
pub use position::{Epoch, MalformedPosition, Position};
pub(crate) use ring::{Gap, Limits, Window};
pub(crate) use waiters::{Holds, Next, Reader, Round, Shared};
