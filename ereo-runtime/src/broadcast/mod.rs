//! The broadcaster: one bounded log, many readers, nobody waited for.
//!
//! # What a reader sees
//! A [`ClientSet`] has one order. A reader joins at a position and from there gets every message
//! exactly once, in order, or is told. Four things can keep it from going on, and each is said:
//!
//! | situation | what the reader gets |
//! |---|---|
//! | its position has fallen out of the log before it came | [`ResetReason::Expired`], with how many it missed |
//! | its position is from another life of the set, or none of its | [`ResetReason::Epoch`] |
//! | it is too slow, and its next message has fallen out | what the set's [`OnLag`] says |
//! | the set's [store] has a message that is none of the set's type | [`ResetReason::Unreadable`], with how many; the reader goes on behind them |
//!
//! # Recovery
//! A reader that comes back with a position goes on behind it only if the epoch is one of the set's and
//! nothing between is missing; else it is told, and goes on from where the set is. Never in part, and
//! never silently, over a socket as over a stream, by header as by query:
//!
//! | the position is | what comes |
//! |---|---|
//! | none, or empty | what is broadcast from now on |
//! | the newest | the same |
//! | in the middle, or just before the oldest that is kept | everything behind it |
//! | of the start, with nothing sent yet | everything |
//! | one before that: pushed out by count, by bytes (of the set, or of all rooms), or by age | `expired`, with how many are missing |
//! | ahead of the set | `epoch` |
//! | of another set, of a life before a restart where the set has no [store], or no position of ours at all: any bytes | `epoch` |
//! | of a message that the set's [store] has forgotten | `epoch` |
//! | behind messages that a filter left out | everything behind it that the filter lets through |
//! | that of a reader that was overtaken while it was replaying | `expired`, with how many are missing |
//!
//! ## Over a socket
//! A [`Seat`](crate::websocket::Seat) is sent what is broadcast from now on. A socket that is to come back for
//! what it missed forwards a subscription instead, with the position beside each message; the client
//! opens its next connection with the last one it has seen, as header or as `?lastEventID=` (in the
//! page: `socket("/lines/ws", { id: (data) => data.id })`):
//!
//! ```
//! use ereo_runtime::prelude::*;
//! use ereo_runtime::{CloseCode, Delivery, ResetReason};
//!
//! #[derive(Clone, Serialize, Message)]
//! #[serde(tag = "type")]
//! enum Sent {
//!     #[serde(rename = "line")]
//!     Line { id: Position, text: String },
//!     #[serde(rename = "reset")]
//!     Reset { id: Position, reason: ResetReason, missed: Option<u64> },
//! }
//!
//! #[websocket("/lines/ws")]
//! async fn lines(
//!     mut socket: Socket<String, Sent>,
//!     set: Data<ClientSet<String>>,
//!     last: LastEventId,
//! ) -> Result<(), SocketError> {
//!     let mut lines = set.subscribe(last);
//!     loop {
//!         tokio::select! {
//!             delivery = lines.recv() => {
//!                 let id = lines.position();
//!                 let sent = match delivery {
//!                     Some(Delivery::Message { message, .. }) => Sent::Line { id, text: message.clone() },
//!                     Some(Delivery::Reset { reason, missed, .. }) => Sent::Reset { id, reason, missed },
//!                     Some(Delivery::Expired) => return Err(SocketError::close(CloseCode::UNAUTHORIZED, "expired")),
//!                     // Of an address that was sent too much again it is closed already.
//!                     None => return Err(SocketError::close(CloseCode::TRY_AGAIN_LATER, "lagged")),
//!                     // A later version may know more.
//!                     Some(_) => continue,
//!                 };
//!                 // Waits for a slow client; what becomes of it meanwhile is the set's `OnLag`.
//!                 socket.send(&sent).await?;
//!             }
//!             said = socket.recv() => match said? {
//!                 Some(text) => {
//!                     set.broadcast(&text)?;
//!                 }
//!                 None => return Ok(()),
//!             },
//!         }
//!     }
//! }
//! ```
//!
//! # Composing
//! A [`Subscription`] is what one client sees, and may be made of others:
//!
//! | | |
//! |---|---|
//! | [`filter`](Subscription::filter), [`map`](Subscription::map) | what the client is shown; positions go on over what is left out |
//! | [`starting_with`](Subscription::starting_with) | a message before all others, without position |
//! | [`take_until`](Subscription::take_until) | a last message, then the end for good: 204 for who comes back |
//! | [`merge`](Subscription::merge) | several sets in one stream, with one position `epoch-offset.epoch-offset` that resumes all |
//! | [`with_presence`](Subscription::with_presence) | who comes and goes, as messages of one's own beside the others |
//! | [`as_member`](Subscription::as_member), [`as_member_of`](Subscription::as_member_of) | whose connection it is, in its own set and in others |
//!
//! They apply in the order in which they are written, over sockets ([`Subscription::recv`]) as over streams. A
//! subscription is also what an ordinary handler of actix-web's returns. Where messages are shown as they are,
//! `starting_with` and `as_member_of` leave them shared by all readers; with the others the client's own task
//! puts its stream together.
//!
//! # Ephemeral
//! [`ClientSet::broadcast_ephemeral`] sends what is true for a moment, such as who is typing: it has no
//! position and is kept for nobody. Each reader that is there gets it at its place in the order; one that is
//! behind goes without, and that is no lag. The newest 64 of a set, 64 KiB at most, wait up to a second for readers
//! that have not had their turn.
//!
//! # Lagging
//! The log is bounded by bytes and age, and by count where its entries are older than a second. A broadcast
//! never waits: a slow reader is overtaken, costs the others nothing, and learns of it when it next reads.
//!
//! A reader that reads is not slow, whatever comes at once:
//!
//! - [`history`](Builder::history) is what is kept for those who come back. A reader that is there may be
//!   behind by any number of messages, for a second or for as long as it reads at least once a second, as far
//!   as [`max_bytes`](Builder::max_bytes) allows.
//! - A connection's turn on its thread ends after so much work, be it messages or inflated bytes, and so does
//!   one of a handler that broadcasts: readers of the thread have theirs in between.
//! - A publisher on a worker's thread that broadcasts in a loop without an `.await` gives no reader a turn.
//!   Where a relay serves them (a set of eight readers or more, over plain TCP) it sends in between
//!   nevertheless; otherwise what fits `max_bytes` is what one turn may broadcast.
//! - A socket whose handler broadcasts more than half of `max_bytes` within a second is read more slowly while
//!   a reader is behind: its messages wait in its own connection. Readers that have stopped are not waited for,
//!   but for the first seconds of it. What an application broadcasts by itself, or
//!   for HTTP requests, never waits: there `max_bytes` is what holds.
//!
//! What becomes of it is said for the set (`builder().on_lag(..)`), for a route (`#[sse("/x", on_lag
//! = "keep-latest")]`), or for one reader ([`Subscription::on_lag`], [`Seat::on_lag`](crate::websocket::Seat::on_lag)),
//! the last going before the others. [`ClientSet::stats`] counts each time.
//!
//! | [`OnLag`] | key | server-sent events | sockets |
//! |---|---|---|---|
//! | `Disconnect` | `"disconnect"` | the stream ends; the client comes back with its position and gets `ereo.reset`, reason `expired` | close 1013, `lagged: n messages missed` |
//! | `SkipToOldest` | `"skip-to-oldest"` | `ereo.reset`, reason `lagged`, then the oldest that is kept | the text `{"type":"ereo.reset","reason":"lagged","missed":n}`, then the oldest that is kept |
//! | `KeepLatest` | `"keep-latest"` | the same, then the newest | the same, then the newest |
//!
//! # Presence
//! A client may be entered as a member: a key, such as a user's id, and any info that serializes
//! ([`Subscription::as_member`], [`Seat::as_member`](crate::websocket::Seat::as_member)). All connections of one
//! key are one member, which joins with the first and leaves with the last; with
//! [`presence_grace`](Builder::presence_grace) only when none has come for so long, so that a page
//! that is loaded anew does not flap. [`ClientSet::members`] says who is there,
//! [`ClientSet::presence`] is a stream of it: first all [`Members`](PresenceEvent::Members), then who
//! [`Joined`](PresenceEvent::Joined), was [`Updated`](PresenceEvent::Updated) or has
//! [`Left`](PresenceEvent::Left). A reader that is too slow for single events gets all members again,
//! so that what it knows is never wrong: of the news the last 256 are kept for it, in 1 MiB at most. A
//! key has 255 bytes at most, an info 64 KiB as JSON. Each room has its own; a set without members pays
//! nothing. Of a set in Redis it is that of all servers ([`store::redis`]): where one cannot reach Redis it says
//! [`Incomplete`](PresenceEvent::Incomplete), which a page gets as `members` with `"complete":false`.
//!
//! ```
//! use ereo_runtime::prelude::*;
//!
//! #[derive(Deserialize)]
//! struct User { name: String }
//!
//! #[sse("/rooms/{room}/feed")]
//! async fn feed(
//!     room: String,
//!     user: Query<User>,
//!     set: Data<ClientSet<String>>,
//!     last: LastEventId,
//! ) -> Result<Subscription<String>, ereo_runtime::EncodeError> {
//!     set.room(room).subscribe(last).as_member(&user.name, "reading")
//! }
//!
//! /// `event: members`, then `joined`, `updated` and `left`.
//! #[sse("/rooms/{room}/members")]
//! async fn members(room: String, set: Data<ClientSet<String>>) -> PresenceEvents {
//!     set.room(room).presence()
//! }
//!
//! # fn set() -> ClientSet<String> {
//! ClientSet::builder().presence_grace(Duration::from_secs(5)).build()
//! # }
//! # set();
//! ```
//!
//! A socket that is to hear of it waits for `set.presence().recv()` beside its own `recv`, and sends
//! the event, or a message made of it. A stream has both by [`Subscription::with_presence`], and the news alone as
//! messages of one's own by [`PresenceEvents::into_messages`].
//!
//! # Ending connections
//! [`ClientSet::disconnect`] ends connections by name, from any thread: those of a member, one by its id, or
//! all. `rooms.disconnect(..)` reaches the set and all its rooms, `rooms.room("lobby").disconnect(..)` that room.
//!
//! | | event stream | socket |
//! |---|---|---|
//! | is told | `event: ereo.closed` with `{"code", "reason", "final"}`, and the end | the close code and the reason |
//! | what was broadcast before | goes out first | goes out first |
//! | what is broadcast from then on | does not reach it | does not reach it |
//! | the function | was over with its answer | `recv` gives `None`, `reason` [`Disconnected`](crate::CloseReason::Disconnected) |
//! | hooks | | `close` gets [`Disconnected`](crate::CloseReason::Disconnected) |
//! | the page's `events`, `live`, `socket` | `closed`, `endedBy` is the code where it is final; else it comes back | the same |
//! | another client, such as a bare `EventSource` | comes back; where it is final, once, with the id `ereo-end`, and is answered 204 | as it does with the code |
//!
//! What names a connection:
//!
//! - [`Who::Member`] is a key of [presence](#presence): a stream or a socket is one of a member's from
//!   `as_member` on. Info that nobody needs can be `()`.
//! - [`Who::Client`] is the [`ClientId`] of one connection. A socket has one from the beginning
//!   ([`Socket::id`](crate::Socket::id)); an event stream, where its function takes a [`ConnectionHandle`]:
//!   `connection: ConnectionHandle` is an argument like any other.
//! - [`Who::Named`] is the same by its [`ClientName`], at whichever server it is.
//! - [`Who::All`] are all clients that [`ClientSet::len`] counts.
//!
//! A named stream costs some 200 bytes for it, and anything else nothing: sockets that sit in a set can be sent
//! to, and so be told; and all readers of a set are told by a number that each compares when it has looked at the
//! log. A connection whose peer does not read is told as soon as it reads, or cut as any such is; its function or
//! hooks hear of it at once, if it is a socket.
//!
//! A connection whose code reads a [`Subscription`] by itself, such as a socket that forwards one, ends with it;
//! the code gets `None` from [`recv`](Subscription::recv) behind what was broadcast before. In a task that was
//! spawned beside, which is nobody's connection, that is all: there [`ending`](Subscription::ending) says why.
//!
//! With a [store] that several servers have in common, it is the connections at all of them.
//!
//! In all sets and rooms of a server at once, [`Everywhere`] does the same: what logs a user out. It is the
//! server's own, and nothing global: a test has as many as it has servers.
//!
//! # Rooms
//! A room is a set of its own, made when it is first asked for and freed when nobody is in it, holds
//! it, or could come back ([`ClientSet::room`]). [`ClientSet::room_names`] lists them,
//! [`ClientSet::members_with_rooms`] says who is in any of them. Clients may choose the names: there are no more rooms than
//! [`Builder::max_rooms`], their messages take no more memory together than
//! [`Builder::max_room_bytes`], and a name has 255 bytes at most. Empty rooms give way first, so that a
//! new one is refused only where somebody is in each. [What a room costs][rooms] is measured.
//!
//! [rooms]: https://github.com/ereo/ereo/blob/main/docs/BENCHMARKS.md#rooms
//!
//! # Credentials
//! A reader may end with its client's credentials ([`Subscription::expires_at`]); see [`expiry`](crate::expiry).
//!
//! # Full
//! [`Builder::max_clients`] bounds the clients of a set and of each of its rooms; whoever comes too
//! late is refused with [`RoomFull`], before anything is sent. So is whoever comes to a room that there
//! cannot be ([`RoomRefused`]).
//!
//! # Closing
//! When the last handle of a set is dropped, its readers end after what is still in the log.

mod batches;
mod broadcast_error;
mod builder;
mod choices;
mod client;
mod client_count;
mod compose;
mod connection_handle;
mod core;
mod delivery;
mod disconnect;
mod entry;
mod everywhere;
mod forms;
mod frames;
mod item;
mod leash;
#[cfg(feature = "inspector")]
mod look;
mod mailboxes;
mod member_of;
mod merge;
mod on_lag;
mod order;
mod presence;
mod pressure;
mod probe;
mod reading;
mod receipt;
mod room_full;
mod rooms;
mod rounds;
mod send_to;
mod set;
mod source;
mod stats;
pub mod store;
mod subscription;
#[cfg(feature = "inspector")]
mod tap;
#[cfg(test)]
mod tests;
mod views;
mod without_positions;

pub use crate::log::{Epoch, LastEventId, MalformedPosition, Position};
pub use crate::message::RoomRefused;
pub use crate::wire::{ClientId, ClientName, MalformedClientName};
pub use broadcast_error::BroadcastError;
pub use builder::Builder;
pub use connection_handle::ConnectionHandle;
#[cfg(feature = "inspector")]
pub(crate) use connection_handle::WeakHandle;
pub use delivery::Delivery;
pub use disconnect::Who;
pub use entry::Received;
pub use everywhere::Everywhere;
#[doc(hidden)]
pub use item::Item;
pub use mailboxes::SendError;
#[doc(hidden)]
pub use mailboxes::{DirectQueue, PushError, SeatKey};
pub use on_lag::{OnLag, ResetReason};
#[doc(hidden)]
pub use presence::OfPresence;
pub use presence::{Member, PresenceEvent, PresenceEvents, PresenceMessages};
pub use receipt::{Placing, Receipt, Unplaced};
pub use room_full::RoomFull;
pub use set::ClientSet;
pub use stats::Stats;
pub use store::{Health, StoreLog, WhenDown};
pub(crate) use store::{stores_are_ready, stores_have_all};
pub use subscription::Subscription;

pub(crate) use choices::{Choice, Choices};
pub(crate) use delivery::{End, Reset};
pub(crate) use frames::Frames;
pub(crate) use leash::Leash;
#[cfg(feature = "inspector")]
pub(crate) use look::SetLook;
pub(crate) use presence::{Info, Who as Entrant, Whose};
pub(crate) use pressure::{Pressed, watch};
pub(crate) use probe::{NotFound, first_read};
#[cfg(feature = "inspector")]
pub(crate) use tap::{Looking, Sample, samples};
