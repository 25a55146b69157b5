//! WebSockets (RFC 6455): the protocol, and the connections that speak it.
//!
//! # What is sent and taken
//! A text is itself, bytes are themselves, and everything else is its JSON: in both directions, and on streams as on
//! sockets. [`Message`](crate::Message) says what is sent, [`FromPayload`] what is taken:
//!
//! | type | on the wire |
//! |---|---|
//! | `String`, [`Text`] | a text message, the text as it is |
//! | `Bytes`, [`Binary`] | a binary message, the bytes as they are |
//! | `serde_json::Value`, and what derives `Serialize`, `Deserialize` and `Message` | a text message, JSON |
//! | [`Mixed<T>`](Mixed) | a `T`, or a binary message |
//!
//! In the page `socket(url, { json: false })` sends and gets texts as they are, for a `String`. Without that
//! it sends JSON, in which a text has quotation marks, and gets what is no JSON as the text that it is.
//!
//! # Compression
//! permessage-deflate (RFC 7692) is negotiated with every client that offers it, which all browsers do.
//! [`Compression`] says what goes out compressed; `#[websocket("/ws", compression = "on")]`:
//!
//! | key | what is broadcast | what is sent to one client | a connection keeps |
//! |---|---|---|---|
//! | `"off"` | as it is | as it is | nothing |
//! | `"broadcast"`, the default | compressed once for all clients that read it so | as it is | nothing |
//! | `"on"` | compressed for each client, with reference to what it was sent before | likewise | the last 4 KiB it was sent, and the last 4 KiB it said |
//!
//! A message of fewer bytes than `compression_threshold` (256) goes as it is, and so does a broadcast
//! that would not get smaller. With `"on"` a client that does not want a context
//! (`server_no_context_takeover`) shares the broadcasts with its like, as with `"broadcast"`.
//!
//! By [what it costs and saves][measured], `"broadcast"` is the default: one compression is nothing
//! beside its deliveries, from a few dozen clients on; a connection costs no memory more, for
//! compressors and inflaters belong to the thread and not to the connection. A route whose sets have a few
//! clients each and a fast network is better off with `"off"`. `"on"` saves most, above all for small
//! messages that are like each other, but compresses for each client anew: it is for few clients, or for
//! networks that cost more than CPU.
//!
//! [measured]: https://github.com/ereo/ereo/blob/main/docs/BENCHMARKS.md#compression
//!
//! **Limits.** What a client sends compressed is inflated as it arrives, and refused (1009) before it has
//! become larger than `max_message`: a small message that would inflate to gigabytes costs no more than
//! one of the size that is allowed. Corrupt data is 1007. An inflater (46 KiB) is held while a compressed
//! message is half read and at no other time, and a thread has 32 at the most: what is half read beyond that is
//! kept as it came. A message must be whole within its `message_timeout` (1008). Compressing and inflating are done on the connection's
//! thread: mind it where you allow messages of many MiB. Rates
//! ([`Limits`](crate::Limits)) count bytes as they come, and those that a message inflates to beyond them.
//!
//! **Secrets.** Compression tells how long the compressed text is, also through TLS. Where one message, or
//! with `"on"` one connection, has both a secret and text that somebody else chooses, that somebody can
//! guess the secret from the lengths (CRIME, BREACH). Wrap the secret in [`Uncompressed`](crate::message::Uncompressed):
//! a message that holds one goes as it is and is no part of any context.

//  payload ─▶ Reader ─▶ inbox ─▶ recv ─▶ handler ─▶ send ─▶ Outbox ─┐
//  (actix)   └────── Driver, one task a connection ──────┘          ├─▶ Frames ─▶ actix,
//                                        broadcast ─▶ FrameSource ──┘           or Writer, in that task
//
// | file | one idea |
// |---|---|
// | `frame`, `mask`, `close` | bytes of the protocol, without state |
// | `reader`, `message_buffer`, `utf8` | bytes of a client, in any split, to messages |
// | `handshake`, `tunnel`, `origin`, `subprotocol` | who may connect, and what is agreed on |
// | `refusal` | the answers to those that may not |
// | `mailbox`, `source`, `body`, `encoded` | what goes out, and in which order |
// | `deflate` | permessage-deflate: what is negotiated, compressed and inflated |
// | `link` | what the parts of a connection share; its stages |
// | `driver`, `outcome`, `millis` | reads, runs the handler and watches the clock |
// | `task` | the driver, with the writer once there is one of ours |
// | `socket`, `sending`, `reply`, `hooks`, `hearing`, `unreadable`, `message`, `mixed`, `json`, `error` | what a user holds |
// | `route`, `extract` | what `#[websocket]` calls |

mod body;
mod close;
#[cfg(feature = "contract")]
#[doc(hidden)]
pub mod conversation;
mod driver;
mod endpoint;
mod error;
mod extract;
mod forwarded;
#[cfg(feature = "__fuzzing")]
pub(crate) mod fuzzing;
mod handshake;
mod hearing;
mod hooks;
mod incoming;
mod json;
mod link;
mod mailbox;
mod message;
mod message_buffer;
mod millis;
mod mixed;
mod options;
mod outcome;
mod rate;
#[doc(hidden)]
pub mod reader;
mod refusal;
mod reply;
mod seat;
mod sending;
mod socket;
mod source;
mod stage;
mod subprotocol;
mod task;
#[cfg(test)]
mod tests;
mod tunnel;
mod unreadable;
mod upgrade;
mod without_body;

pub use crate::wire::Compression;
#[doc(hidden)]
pub use crate::wire::frame;
pub use close::{CloseCode, CloseReason};

#[doc(hidden)]
pub use error::Outcome;
pub use error::{DecodeError, SocketError};
#[doc(hidden)]
pub use extract::{ArgumentOf, Takes, TakesNothing, assert_only_socket, assert_takes_socket};
#[doc(hidden)]
#[doc(hidden)]
pub use hearing::{Hearing, Hears, StreamOf, heard, hearing};
pub use hooks::Hooks;

pub use crate::server::{InvalidOrigin, Origins};
#[doc(hidden)]
pub use endpoint::{
    HooksEndpoint, Opened, Opening, Reason, Receiving, Returned, SocketEndpoint, hooks, opening,
    opening_refusing, reason, receiving, renewed, returned, socket,
};
#[doc(hidden)]
pub use link::Linked;
pub use mailbox::MailboxLimits;
#[doc(hidden)]
pub use message::Raw;
pub use message::{Binary, FromPayload, Json, Text};
pub use mixed::Mixed;
pub use options::Options;
pub use reader::ProtocolError;
pub use refusal::{HandshakeError, HandshakeErrorKind};
pub use seat::Seat;
pub use sending::Sending;
pub use socket::{Connection, Recv, Socket};
#[doc(hidden)]
pub use source::{FrameItem, FrameSource};
pub use unreadable::Unreadable;
#[doc(hidden)]
pub use unreadable::{Unread, unread};
pub use upgrade::{Upgrade, accept};
#[doc(hidden)]
pub use without_body::{NoBodies, ReadsBody, WithoutBody, assert_no_body, assert_only_body};

pub(crate) use forwarded::forwarded;
