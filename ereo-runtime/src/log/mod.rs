//! The bounded log of a set: history, queue and replay at once.
//!
//! | file | one idea |
//! |---|---|
//! | `ring` | the log itself: pure data, without locks or a clock |
//! | `window` | the offsets that are kept |
//! | `asides` | entries beside it that have no place and are never replayed |
//! | `behind` | which entries a connected reader still needs |
//! | `waiters` | the lock around it, and who is woken |
//! | `reader` | a reader's cursor |
//! | `position` | what a reader is told of its place: epoch and offset |
//! | `epochs` | where the log's epochs have ended, and which positions are good |
//! | `last_event_id` | what a client comes back with: a position, or one for each of several logs |

mod asides;
mod behind;
mod epochs;
mod last_event_id;
mod position;
mod reader;
mod ring;
#[cfg(test)]
mod tests;
mod waiters;
mod window;

pub(crate) use epochs::Epochs;
#[cfg(feature = "sqlite")]
pub(crate) use epochs::Stretch;
pub use last_event_id::LastEventId;
pub use position::{Epoch, MalformedPosition, Position};
pub(crate) use reader::{Holds, Next, Reader};
pub(crate) use ring::Limits;
pub(crate) use waiters::{Round, Shared};
pub(crate) use window::{Gap, Window};
