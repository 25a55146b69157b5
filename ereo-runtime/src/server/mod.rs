//! The server around the routes: clients that leave are seen at once, a stop drains, limits hold, and
//! every connection is observed.
//!
//! # Metrics
//! Of the `metrics` facade; install a recorder of your choice.
//!
//! | metric | kind | labels | what |
//! |---|---|---|---|
//! | `ereo_connections_total` | counter | `kind`, `route` | event streams and sockets that began |
//! | `ereo_connections_open` | gauge | `kind`, `route` | those that are open |
//! | `ereo_connection_seconds` | histogram | `kind`, `route` | how long they lasted |
//! | `ereo_lean_total` | counter | `kind` | those that left actix's dispatcher: see [`Realtime::direct_writes`] |
//! | `ereo_refused_total` | counter | `kind`, `reason` (`draining`, `connections`, `address`, `room`, `replay`, `store`; of sockets also `origin`, `protocol`, `upgrade`; of kind `room` also `rooms`, `room_name`) | clients that were not taken: `origin` is a page that may not connect, `protocol` a client that speaks other subprotocols only, `upgrade` a request that asks for no upgrade, or not rightly; and rooms that were not: one too many, or a name that is too long |
//! | `ereo_too_fast_total` | counter | `kind`, `route` | sockets that were closed with 1008 for their rate |
//! | `ereo_too_slow_total` | counter | `kind`, `route` | sockets that were closed with 1008 for a message that they did not finish |
//! | `ereo_fanout_seconds` | histogram | `kind` | from a broadcast until a reader takes the message to send it; of each set the first message and every 64th behind it, with all readers that were there |
//! | `ereo_expired_total` | counter | `kind`, `route` | connections that ended with their client's credentials ([`expiry`](crate::expiry)) |
//! | `ereo_disconnected_total` | counter | `kind`, `route` | connections that were ended by name ([`ClientSet::disconnect`](crate::ClientSet::disconnect)) |
//! | `ereo_lagged_total` | counter | `kind`, `route`, `outcome` (`disconnected`, `skipped`) | how often a client was overtaken ([`OnLag`](crate::broadcast::OnLag)) |
//! | `ereo_store_up` | gauge | | whether the store of the sets takes messages, once it has ever not ([`Health`](crate::Health)) |
//! | `ereo_store_append_seconds` | histogram | | how long the store takes for what is appended at once |
//! | `ereo_store_retried_total` | counter | | how often the store did not do what it was asked for, and is asked again |
//! | `ereo_store_refused_total` | counter | `reason` (`full`, `down`) | messages that were not taken, as [`WhenDown`](crate::WhenDown) says |
//! | `ereo_store_held` | gauge | | messages that were taken and wait for the store, of all sets and rooms |
//! | `ereo_store_rooms` | gauge | | sets and rooms that are mirrored here |
//! | `ereo_store_behind` | gauge | | messages that others have appended and are not here, as the heads were last looked at |
//! | `ereo_store_heals_total` | counter | `cause` (`news`: some were missing; `head`: none came) | how often what others appended was missed, and read |
//! | `ereo_store_healed_messages_total` | counter | | messages that came here by reading the store |
//! | `ereo_store_forks_total` | counter | | how often a store had forgotten what was shown |
//! | `ereo_store_unreadable_total` | counter | | messages of a store that are none of the set's type |
//! | `ereo_missed_total` | counter | `kind`, `route` | messages that overtaken clients did not get |
//! | `ereo_sent_bytes_total`, `ereo_sent_messages_total` | counter | `kind`, `route` | what went out, told every thousand messages or sooner, and at the end |
//!
//! # Tracing
//! A connection's span is `connection`, with `kind`, `route`, `peer` (the client's address, behind proxies as
//! [`Limits::behind_proxies`] says; none over a Unix socket) and, for a socket, `client`; when it ends it has `how`, `bytes`, `messages`, `missed` (by lagging) and `seconds` as well, and an event
//! at `debug` says so. At `info` there is nothing of a connection with which all is well.

mod admission;
mod by_feature;
mod client_address;
mod drain;
#[cfg(feature = "__fuzzing")]
pub(crate) mod fuzzing;
mod host;
mod how;
#[cfg(feature = "test")]
mod in_process;
mod last_words;
mod lifeline;
mod limits;
pub(crate) mod observe;
mod offered;
mod open;
mod open_stream;
mod origin;
mod ready;
mod realtime;
mod realtime_server;
#[cfg(feature = "inspector")]
mod registry;
mod replay;
mod running;

pub use admission::NotAdmitted;
pub use client_address::ProxyHeader;
pub use drain::{Drain, DrainHandle};
pub use limits::Limits;
pub use origin::{InvalidOrigin, Origins};
pub use ready::ready;
pub use realtime::{HttpServerExt, Realtime};
pub use realtime_server::RealtimeServer;
pub use running::Running;

pub(crate) use admission::admit;
pub(crate) use host::{configured_origins, requested_host};
pub(crate) use how::How;
#[cfg(feature = "test")]
pub(crate) use in_process::InProcess;
pub(crate) use last_words::LastWords;

pub(crate) use limits::SocketRates;
pub(crate) use observe::note_refused;
pub(crate) use observe::{ConnectionKind, Observed, count_refused};
pub(crate) use offered::{Offer, offer_socket, withdraw};
pub(crate) use open_stream::{OpenStream, Tab};
#[cfg(feature = "inspector")]
pub(crate) use registry::{Counted, Problem, Registered, Registry, Unlisted, asked_host, is_local};

#[cfg(test)]
mod tests;
pub(crate) use lifeline::Lifeline;
