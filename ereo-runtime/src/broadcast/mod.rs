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
//! # Recovery
//! A reader that comes back with a position goes on behind it only if the epoch is the set's own and
//! nothing between is missing; else it is told, and goes on from where the set is. Never in part, and
//! never silently (`tests/http/resume.rs` has each over a socket):
//!
//! | the position is | what comes |
//! |---|---|
//! | none, or empty | what is broadcast from now on |
//! | the newest | the same |
//! | in the middle, or just before the oldest that is kept | everything behind it |
//! | of the start, with nothing sent yet | everything |
//! | one before that: pushed out by count, by bytes, or by age | `expired`, with how many are missing |
//! | ahead of the set | `epoch` |
//! | of another set, of a life before a restart, or of nobody | `epoch` |
//! | behind messages that a filter left out | everything behind it that the filter lets through |
//! | that of a reader that was overtaken while it was replaying | `expired`, with how many are missing |
//! | malformed | 400 |
//!
//! # Lagging
//! The log is bounded by count, bytes and age. A broadcast never waits: a slow reader is overtaken,
//! costs the others nothing, and learns of it when it next reads.
//!
//! What becomes of it is said for the set (`builder().on_lag(..)`), for a route (`#[sse("/x", on_lag
//! = "keep-latest")]`), or for one reader ([`Subscription::on_lag`], [`Seat::on_lag`](crate::Seat::on_lag)),
//! the last going before the others. [`ClientSet::stats`] counts each time.
//!
//! | [`OnLag`] | key | server-sent events | sockets |
//! |---|---|---|---|
//! | `Disconnect` | `"disconnect"` | the stream ends; the client comes back with its position and gets `ereo.reset`, reason `expired` | close 1013, `lagged: n messages missed` |
//! | `SkipToOldest` | `"skip-to-oldest"` | `ereo.reset`, reason `lagged`, then the oldest that is kept | the text `{"type":"ereo.reset","reason":"lagged","missed":n}`, then the oldest that is kept |
//! | `KeepLatest` | `"keep-latest"` | the same, then the newest | the same, then the newest |
//!
//! # Closing
//! When the last handle of a set is dropped, its readers end after what is still in the log.

mod builder;
mod client_id;
mod client_set;
mod core;
mod entry;
mod frames;
mod latency;
mod log;
mod mailboxes;
#[cfg(test)]
mod model;
mod on_lag;
mod position;
mod presence;
mod room_full;
mod rooms;
mod shared;
mod source;
mod stats;
mod subscription;

pub use builder::Builder;
pub use client_id::ClientId;
pub use client_set::ClientSet;
pub use entry::Received;
pub use mailboxes::SendError;
pub use on_lag::{OnLag, ResetReason};
pub use position::{Epoch, LastEventId, MalformedPosition, Position};
pub use presence::{Member, PresenceEvent, PresenceEvents};
pub use room_full::RoomFull;
pub use stats::Stats;
pub use subscription::{Delivery, Subscription};

pub(crate) use frames::{Choices, Frames, Step};
pub(crate) use mailboxes::{Mailbox, Refused};
pub(crate) use presence::{Info, Who};
pub(crate) use subscription::End;
