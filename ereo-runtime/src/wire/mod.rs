//! Bytes as they go over the wire, and as they come: pure data, without IO, locks or a clock.
//!
//! | file | one idea |
//! |---|---|
//! | `event`, `block` | a server-sent event (WHATWG HTML, "Server-sent events"), bare or as an HTTP/1 chunk |
//! | `frame`, `mask`, `utf8` | frames of RFC 6455 and what they carry |
//! | `encoded` | a message as one frame, the same for every connection |
//! | `deflate` | permessage-deflate (RFC 7692) |
//! | `batch` | several messages as one piece of bytes |
//! | `format` | which of these a reader is sent |
//! | `client_name` | a connection's name among those of all servers |
//! | `client_id`, `latency` | what a batch knows beside its bytes: whom a message leaves out, and when it was broadcast |

mod batch;
mod block;
mod client_id;
mod client_name;
mod deflate;
mod encoded;
mod event;
mod format;
#[doc(hidden)]
pub mod frame;
pub(crate) mod latency;
pub(crate) mod mask;
mod utf8;

pub(crate) use batch::{Batch, BatchDraft, MESSAGES, PIECE, Part, Piece};
pub(crate) use block::{Block, BlockDraft, Outgoing};
pub use client_id::ClientId;
pub use client_name::{ClientName, MalformedClientName};
pub use deflate::Compression;
pub(crate) use deflate::{
    Agreement, Form, Inbound, InflateError, Inflating, Outbound, SharedForms, Work, agree,
};
pub use encoded::{Encoded, encode_message};
pub(crate) use event::HEARTBEAT;
pub(crate) use format::{Format, Framing};
pub(crate) use frame::{Header, HeaderError, MAX_CONTROL, MAX_HEADER, OpCode, Rsv, encode};
pub(crate) use utf8::Utf8;
