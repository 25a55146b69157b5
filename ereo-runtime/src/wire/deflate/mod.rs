//! permessage-deflate (RFC 7692): what is agreed on, compressed and inflated.
//!
//! No connection owns a compressor or an inflater. A zlib compressor is 370 KiB, an inflater 46 KiB,
//! and each is only needed while one message goes through it; so every thread has a few that all its
//! connections share. What a connection keeps between two messages is what RFC 7692 calls the context:
//! with context takeover the last bytes of what went through, at most 4 KiB a direction, and else
//! nothing.
//!
//! | file | one idea |
//! |---|---|
//! | `offer` | the request's header, read |
//! | `agreement` | which offer is accepted, and how the answer says so |
//! | `window`, `history` | how far back a message may refer, and to what |
//! | `compressor` | bytes to compressed bytes |
//! | `shared` | a broadcast's compressed forms, each made once for all |
//! | `outbound` | what one connection is sent |
//! | `inbound` | what one client sends, bounded while it is inflated |

mod agreement;
mod compressor;
mod history;
mod inbound;
mod offer;
pub(crate) mod outbound;
mod shared;
#[cfg(test)]
mod tests;
mod window;

pub use agreement::Compression;
pub(crate) use agreement::{Agreement, agree};
pub(crate) use inbound::{Inbound, InflateError, Inflating, Work};
pub(crate) use outbound::Form;
pub(crate) use outbound::Outbound;
pub(crate) use shared::SharedForms;

/// Bytes at the end of every compressed message, which are left out on the wire (section 7.2.1).
const TAIL: [u8; 4] = [0x00, 0x00, 0xff, 0xff];
