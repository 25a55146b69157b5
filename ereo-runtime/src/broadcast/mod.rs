//! The broadcaster: one bounded log, many readers, nobody waited for.
//!
//! # What a reader sees
//! A [`ClientSet`] has one order. A reader joins at a position and from there gets every message
//! exactly once, in order, or is told. Three things can keep it from going on, and each is said:
//!
//! | situation | what the reader gets |
//! |---|---|
//! | its position has fallen out of the log before it came | [`ResetReason::Expired`], with how many it missed |
//! | its position is from another life of the set, or none of its | [`ResetReason::Epoch`] |
//! | it is too slow, and its next message has fallen out | what the set's [`OnLag`] says |
//!
//! # Lagging
//! The log is bounded by count, bytes and age. A broadcast never waits: a slow reader is overtaken,
//! costs the others nothing, and learns of it when it next reads.
//!
//! # Closing
//! When the last handle of a set is dropped, its readers end after what is still in the log.

mod builder;
mod client_id;
mod client_set;
mod core;
mod entry;
mod frames;
mod log;
mod members;
#[cfg(test)]
mod model;
mod on_lag;
mod position;
mod rooms;
mod shared;
mod source;
mod subscription;

pub use builder::Builder;
pub use client_id::ClientId;
pub use client_set::ClientSet;
pub use entry::Received;
pub use members::SendError;
pub use on_lag::{OnLag, ResetReason};
pub use position::{Epoch, LastEventId, MalformedPosition, Position};
pub use subscription::{Delivery, Subscription};

pub(crate) use frames::{Frames, Step};
pub(crate) use members::{Mailbox, Refused};
