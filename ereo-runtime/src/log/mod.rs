//! The bounded log of a set: history, queue and replay at once.
//!
//! | file | one idea |
//! |---|---|
//! | `ring` | the log itself: pure data, without locks or a clock |
//! | `behind` | which entries a connected reader still needs |
//! | `waiters` | the lock around it, its readers' cursors, and who is woken |
//! | `position` | what a reader is told of its place: epoch and offset |

mod behind;
#[cfg(test)]
mod model;
mod position;
mod ring;
mod waiters;

pub use position::{Epoch, LastEventId, MalformedPosition, Position};
pub(crate) use ring::{Gap, Limits, Window};
pub(crate) use waiters::{Holds, Next, Reader, Round, Shared};
