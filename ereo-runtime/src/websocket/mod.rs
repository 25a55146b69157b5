//! WebSockets (RFC 6455): the protocol, and the connections that speak it.
//!
//! ```text
//!  payload ─▶ Reader ─▶ inbox ─▶ recv ─▶ handler ─▶ send ─▶ Outbox ─┐
//!  (actix)   └────── Driver, one task a connection ──────┘          ├─▶ Frames ─▶ actix
//!                                        broadcast ─▶ FrameSource ──┘  (response body)
//! ```
//!
//! | file | one idea |
//! |---|---|
//! | `frame`, `mask`, `close` | bytes of the protocol, without state |
//! | `reader`, `message_buffer`, `utf8` | bytes of a client, in any split, to messages |
//! | `handshake`, `origin` | who may connect |
//! | `mailbox`, `source`, `body` | what goes out, and in which order |
//! | `link` | what the parts of a connection share; its stages |
//! | `driver`, `outcome` | the task that reads, runs the handler and watches the clock |
//! | `socket`, `hooks`, `message`, `error` | what a user holds |
//! | `route`, `extract` | what `#[websocket]` calls |

mod body;
mod close;
#[cfg(test)]
mod connection_tests;
mod driver;
mod error;
mod extract;
#[doc(hidden)]
pub mod frame;
mod handshake;
mod hooks;
mod incoming;
mod link;
mod mailbox;
mod mask;
mod message;
mod message_buffer;
mod options;
mod origin;
mod outcome;
mod rate;
#[doc(hidden)]
pub mod reader;
#[cfg(test)]
mod reader_tests;
mod route;
mod seat;
mod socket;
mod source;
mod upgrade;
mod utf8;

pub use close::{CloseCode, CloseReason};
pub use error::{DecodeError, Outcome, SocketError};
#[doc(hidden)]
pub use extract::{
    ArgumentOf, Takes, TakesNothing, assert_takes_no_socket, assert_takes_socket, sent_by,
};
pub use handshake::HandshakeError;
pub use hooks::Hooks;

pub use link::{Link, Linked};
pub use mailbox::{MailboxLimits, Outbox, PushError};
pub use message::{Binary, FromFrame, Json, Raw, Text};
pub use options::Options;
pub use origin::Origins;
pub use reader::ProtocolError;
#[doc(hidden)]
pub use route::{
    Opened, Opening, Reason, Receiving, Returned, SocketFunction, opening, reason, receiving,
    renewed, returned, socket,
};
pub use seat::Seat;
pub use socket::{Connection, Socket, encode_message};
pub use source::{Fence, FrameSource, Outgoing, SourceKey};
pub use upgrade::{Upgrade, accept};
