//! Real-time routes for actix-web: annotate a function with [`#[sse]`](macro@sse),
//! [`#[websocket]`](macro@websocket) or [`#[loader]`](macro@loader) and it is an endpoint, registered
//! at link time, checked at compile time, and fed by a broadcaster that never waits for a client and
//! never loses a message silently.
//!
//! ```no_run
//! use ereo_runtime::prelude::*;
//!
//! #[sse("/api/news")]
//! async fn news(set: Data<ClientSet<String>>, last: LastEventId) -> Subscription<String> {
//!     set.subscribe(last)
//! }
//!
//! #[actix_web::main]
//! async fn main() -> std::io::Result<()> {
//!     let set = Data::new(ClientSet::<String>::new());
//!     let routes = ereo_runtime::routes()?;
//!     HttpServer::new(move || App::new().app_data(set.clone()).service(routes.clone()))
//!         .realtime(Drain::within(Duration::from_secs(10)))
//!         .bind(("127.0.0.1", 8080))?
//!         .run()
//!         .await
//! }
//! ```
//!
//! # By task
//! | you want | you use |
//! |---|---|
//! | events to a page | [`#[sse]`](macro@sse), a [`ClientSet`] to publish to, and the [`Subscription`] of a client |
//! | messages of several kinds | [`derive(Message)`](macro@Message) on an enum; an [`Event`] by hand |
//! | both directions | [`#[websocket]`](macro@websocket) over a [`Socket`], or hooks over a [`Connection`]; a [`Seat`] in a set |
//! | a page that is complete at once, and stays current | [`#[loader]`](macro@loader) |
//! | rooms, and who is there | [`ClientSet::room`], [`Subscription::as_member`], [`ClientSet::presence`] |
//! | to come back for what was missed | [`LastEventId`] and [`Position`]; nothing else is to be done |
//! | a say in what becomes of slow clients | [`OnLag`] |
//! | one stream of several sets, a first message, a last one | [`Subscription::merge`], [`starting_with`](Subscription::starting_with), [`take_until`](Subscription::take_until) |
//! | credentials that end | [`Subscription::expires_at`], [`Connection::expires_at`]; [`expiry`] |
//! | to log a user out | [`Everywhere`], [`ClientSet::disconnect`], an [`Ending`] |
//! | a clean stop, limits, origins | [`HttpServerExt::realtime`], [`Drain`], [`Realtime`], [`Limits`], [`Origins`] |
//! | middleware for some routes | [`Routes::group`], [`Routes::ungrouped`] |
//! | the page's side | [`browser_client`] |
//! | a set that outlives the process | [`broadcast::store`] |
//! | metrics and traces | [`server`] |
//! | to see what is live, now | the module `inspector` (feature `inspector`) |
//! | tests | the function itself, and the module `test` (feature `test`) |
//! | to follow a stream from another program | the module `client` (feature `client`) |
//! | types for the front end | the module `contract` (feature `contract`) |
//!
//! The [book](https://github.com/ereo/ereo/blob/main/docs/book/src/SUMMARY.md) teaches each of them.
//!
//! # The way of a message
//! ```text
//!  set.broadcast(&m)                        one ring: history, queue and replay
//!        │ encode once                 ┌────┬────┬────┬────┬────┐
//!        └──────────► append ────────► │ 41 │ 42 │ 43 │ 44 │ 45 │◄── position `epoch-45`
//!                       │              └────┴────┴────┴────┴────┘
//!                       │ wake             ▲              ▲    ▲
//!                       ▼                  │ cursor       │    │ caught up: asleep
//!              readers that sleep      replaying        behind │
//!                                          │              │    │
//!                                       response body, shared bytes, one a client
//! ```
//! A publisher is never behind a client: it appends and wakes. Where many sleep over sockets of their
//! own (taken over from actix, [`server::Realtime::direct_writes`]), one task a worker wakes for them and writes to all.
//! Each client owns a cursor into the ring. One that is overtaken is told how much it missed, as [`OnLag`] says; one that comes back
//! goes on from its `last-event-id`, or is told why it cannot.
//!
//! # What goes over the wire
//! Server-sent events:
//!
//! | bytes | when |
//! |---|---|
//! | `retry: 1000` and `id: epoch-offset` | first: the client knows where it is before any event |
//! | `event: ..`, `data: ..`, `id: epoch-offset` | a message; without `id:` one that has no position |
//! | `event: ereo.reset`, `data: {"reason": "expired" \| "epoch" \| "lagged" \| "unreadable", "missed": n \| null}` | messages are missing; the `id:` is where the client goes on |
//! | `:` | a heartbeat; with an `id:` when a filter passed messages over |
//! | `event: ereo.heartbeat`, `data: 15000` | instead of that, every so many milliseconds and first of all, for a client that asks for it with `?ereoHeartbeat=1`, as the browser module does: a page sees no comments; 0 where none will come |
//! | `event: ereo.end`, `data: {}`, `id: ereo-end` and the end | the stream is finished; who comes back with that id gets 204 |
//! | `event: ereo.closed`, `data: {"code": 4001, "reason": "logged out", "final": true}` and the end | the connection was ended by name ([`ClientSet::disconnect`]): where it is final with `id: ereo-end`, as above; else behind a `retry: ..`, and the client may come back |
//! | `retry: ..`, `event: ereo.expired`, `data: {}` and the end | the client's credentials have ended ([`expiry`]) |
//! | `retry: ..` and the end | the server drains, the client was too slow, or its address was replayed too much ([`Limits::replayed_bytes`]): come back then |
//!
//! An answer of 204 ends for good, 503 with `Retry-After` is a server that drains, or it or the room is
//! full, 429 one that holds enough connections of the client's address. A position that is none of ours is
//! answered as one of another life of the set: `ereo.reset`, reason `epoch`. Names and ids of events that
//! begin with `ereo.` are the library's own, and refused to others ([`Event::event`]).
//!
//! Over HTTP/1.0 a stream goes without chunks until the connection ends. `content-encoding: identity` is said
//! only to a client that accepts another coding, where actix-web's `Compress` is compiled in: it would compress
//! each client's stream by itself, and nothing else keeps it from that. Every answer says
//! `x-content-type-options: nosniff`, and lets pages of other origins read `last-event-id` and `retry-after`
//! (`access-control-expose-headers`), which the browser module does; that such a page may read the answer at
//! all is for a middleware to say. Where that is `actix_cors::Cors` with `expose_headers(..)`, which replaces
//! the list, name both in it.
//!
//! Streams and sockets, what they send and what they take, have one rule: a text is itself (`String`, [`Text`]), bytes are
//! themselves (`Bytes`, [`Binary`]), and everything else is its JSON. So `ClientSet<String>` sends `data: hello`, and
//! a `Socket<String, String>` is sent `hello` and sends it back as it came. A loader's answer is JSON throughout.
//!
//! Sockets: for a client that asks for it with
//! `?ereoHeartbeat=1` the text `{"type":"ereo.heartbeat","data":25000}`, first of all and every so many
//! milliseconds. A failed upgrade is 400 or 426, a foreign origin 403, a client that offers other
//! subprotocols only 400; the close codes are those of [`CloseReason`] and of an [`Ending`]. A client that asks for
//! heartbeats finds U+0004 and `1` or `0` behind an ending's reason: whether it is for good. What browsers write
//! as JSON is read: half of a surrogate pair becomes U+FFFD. A message that cannot be read closes with
//! 1007, unless the hook `unreadable` goes on, or the function does ([`Socket::recv`]).
//!
//! # Modules
//! [`ClientSet`] and [`Subscription`] in [`broadcast`], sets that outlive the process in
//! [`broadcast::store`], [`Event`] in [`mod@sse`], [`routes()`] in
//! [`route`], [`Socket`] and [`Seat`] in [`mod@websocket`], `realtime(..)` in [`server`], [`Backoff`], and [`browser_client`] for the page; the routes as types and documents in `contract` (feature `contract`).
//!
//! # Features
//! | feature | what |
//! |---|---|
//! | `deflate`, on by default | compressed messages on sockets; without it none are negotiated |
//! | `direct-writes`, on by default | connections that write to their sockets themselves ([`Realtime::direct_writes`]), and what else asks the kernel about a socket ([`Realtime::send_buffer`], cutting peers that do not read at a drain's end): on Linux. All `unsafe` of this crate; without it the compiler forbids any, and actix writes |
//! | `metrics`, on by default | [counters, gauges and histograms](server#metrics); without it nothing is counted |
//! | `contract` | what the routes send and take, as types and documents: the module `contract`, and `JsonSchema` among the derives |
//! | `http2` | HTTP/2 beside HTTP/1.1 |
//! | `redis` | sets that several servers have in common, in Redis or Valkey: the module [`broadcast::store`]; TLS by rustls comes along |
//! | `sqlite` | sets that outlive the process, in a file: the module [`broadcast::store`]; SQLite is compiled in |
//! | `client` | what follows another service's event streams and sockets, over TLS and HTTP/2: the module `client` |
//! | `inspector` | what is live, now, on one page: the module `inspector` |
//! | `test` | a client for tests, in process under paused time and over TCP: the module `test` |

#![cfg_attr(not(feature = "direct-writes"), forbid(unsafe_code))]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![deny(missing_docs, rustdoc::broken_intra_doc_links)]

#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;
pub mod backoff;
mod block_slab;
pub mod broadcast;
mod browser;
mod budget;
mod charge;
#[cfg(feature = "client")]
pub mod client;
mod compact_instant;
#[cfg(feature = "contract")]
pub mod contract;
mod ending;
pub mod expiry;
mod fanout;
#[cfg(feature = "__fuzzing")]
#[doc(hidden)]
pub mod fuzzing;
mod heartbeat;
#[cfg(feature = "inspector")]
pub mod inspector;
pub mod loader;
mod log;
pub mod message;
mod meters;
mod panicked;
pub mod prelude;
mod progress;
#[cfg(any(feature = "test", feature = "client"))]
mod receive;
mod refused_start;
pub mod route;
mod served_list;
pub mod server;
pub mod sse;
mod sync;
mod takeover;
#[cfg(feature = "test")]
pub mod test;
mod wakers;
pub mod websocket;
mod wire;
mod worker;

/// What can be sent, derived beside `Serialize`.
///
/// ```
/// use ereo_runtime::prelude::*;
///
/// #[derive(Clone, Serialize, Message)]
/// #[serde(rename_all = "snake_case")]
/// enum Feed {
///     UserLeft(u32),
/// }
///
/// let event = Feed::UserLeft(7).to_event()?;
/// assert_eq!((event.event_str(), event.data_str()), (Some("user_left"), Some("7")));
/// # Ok::<_, ereo_runtime::EncodeError>(())
/// ```
///
pub use ereo_macros::Message;

/// What a contract says of a type ([`contract`]): schemars' trait, and our derive of it.
///
/// ```
/// use ereo_runtime::prelude::*;
///
/// #[derive(Clone, Serialize, Message, JsonSchema)]
/// struct Line {
///     text: String,
/// }
/// ```
///
#[cfg(feature = "contract")]
pub use ereo_macros::JsonSchema;
// The trait; behind a glob, where the derive of that name that schemars may have does not count.
#[cfg(feature = "contract")]
pub use schema_trait::*;
#[cfg(feature = "contract")]
mod schema_trait {
    pub use schemars::JsonSchema;
}

/// A page's first data as JSON, with the position from which its live route goes on.
///
/// ```
/// use ereo_runtime::prelude::*;
///
/// #[sse("/counts")]
/// async fn counts(set: Data<ClientSet<String>>, last: LastEventId) -> Subscription<String> {
///     set.subscribe(last)
/// }
///
/// #[loader("/counts/{day}/first", cache = "60s")]
/// async fn first(day: u8) -> Result<Vec<u32>, actix_web::Error> {
///     Ok(vec![day.into()])
/// }
///
/// assert_eq!(first::path(3), "/counts/3/first");
/// # let rt = actix_web::rt::System::new();
/// # rt.block_on(async {
/// let request = actix_web::test::TestRequest::default().param("day", "3").to_http_request();
/// assert_eq!(first::load(&request).await?.json(), "[3]");
/// # Ok::<_, actix_web::Error>(()) })?;
/// # Ok::<_, actix_web::Error>(())
/// ```
///
pub use ereo_macros::loader;

/// A stream of server-sent events.
///
/// ```
/// use ereo_runtime::prelude::*;
///
/// #[sse("/rooms/{room}/feed", retry = "2s", heartbeat = "15s")]
/// async fn room_feed(
///     room: String,
///     set: Data<ClientSet<String>>,
///     last: LastEventId,
/// ) -> Subscription<String> {
///     set.room(room).subscribe(last)
/// }
///
/// assert_eq!(room_feed::path("the lobby"), "/rooms/the%20lobby/feed");
/// ```
///
pub use ereo_macros::sse;

/// An async test: on one thread, within a system of actix's, under paused time.
///
/// Time stands still while anything is left to do, and jumps to the next timer when nothing is. The test may
/// return a `Result`. What is no async function stays a test as it is, so that `use ereo_runtime::test;`
/// takes nothing away. For what a test does with it see [`mod@test`].
///
/// ```
/// # /*
/// #[ereo_runtime::test]
/// # */
/// async fn an_hour_takes_no_time() {
///     let began = std::time::Instant::now();
///     tokio::time::sleep(std::time::Duration::from_secs(3600)).await;
///     assert!(began.elapsed().as_secs() < 60);
/// }
/// # ereo_runtime::test::run(an_hour_takes_no_time());
/// ```
#[cfg(feature = "test")]
pub use ereo_macros::test;

/// A WebSocket: a function over a typed socket, or hooks over the state of a connection.
///
/// ```
/// use ereo_runtime::prelude::*;
///
/// #[websocket("/echo", max_message = "64KiB", origins = ["https://app.example"])]
/// async fn echo(mut socket: Socket<String, String>) -> Result<(), SocketError> {
///     while let Some(text) = socket.recv().await? {
///         socket.send(&text).await?;
///     }
///     Ok(())
/// }
///
/// assert_eq!(echo::ROUTE, "/echo");
/// ```
///
pub use ereo_macros::websocket;

pub use backoff::{Backoff, Jitter};
#[cfg(feature = "redis")]
pub use broadcast::store::redis::Redis;
#[cfg(feature = "sqlite")]
pub use broadcast::store::sqlite::Sqlite;
pub use broadcast::{
    BroadcastError, ClientSet, ConnectionHandle, Delivery, Everywhere, Health, Member, OnLag,
    PresenceEvent, PresenceEvents, Receipt, ResetReason, RoomFull, SendError, Stats, StoreLog,
    Subscription, Unplaced, WhenDown, Who,
};
pub use browser::{
    browser_client, browser_client_files, browser_client_script, browser_client_types,
};
pub use ending::{Ending, InvalidEnding};
pub use expiry::Expiry;
pub use loader::LoaderData;
pub use log::{Epoch, LastEventId, Position};
pub use message::Event;
pub use message::RoomRefused;
pub use message::{EncodeError, Message, Payload, Uncompressed};
pub use route::{Kind, RouteInfo, Routes, RoutesError, routes};
pub use server::Origins;
pub use server::{
    Drain, DrainHandle, HttpServerExt, Limits, ProxyHeader, Realtime, RealtimeServer, ready,
};
pub use websocket::{
    Binary, CloseCode, CloseReason, Connection, Mixed, Seat, Socket, SocketError, Text, Unreadable,
};
pub use wire::Compression;
pub use wire::{ClientId, ClientName, MalformedClientName};
