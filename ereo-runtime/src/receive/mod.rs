//! The receiving side of `wire`: for programs that follow a stream instead of serving it.
//!
//! | file | one idea |
//! |---|---|
//! | `event_stream` | bytes to events, as the standard words it, within a bound |
//! | `told` | what the library says of itself: `ereo.reset` and the like |
//! | `read` | an event or a frame as the message that was sent |

mod event_stream;
mod read;
mod told;

pub use event_stream::{Decoded, EventStream, EventText, TooLarge};
pub use read::{FromEvent, FromSocket, ReadError, Received};
pub use told::Told;
