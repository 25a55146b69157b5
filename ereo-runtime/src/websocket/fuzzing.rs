//! The reader and the handshake, as `tests/fuzz` calls them.

use actix_web::{HttpRequest, HttpResponse};

use super::handshake;
use super::options::Options;
use super::reader::Reader;
use super::refusal::HandshakeError;
use crate::wire::{Compression, agree};

/// A reader of messages of at most `max_message` bytes, behind a handshake with this offer.
pub fn reader(max_message: usize, compression: Compression, offer: &str) -> Reader {
    Reader::new(max_message).inflating(agree(compression, std::iter::once(offer)))
}

/// The head of the answer to an upgrade.
///
/// # Errors
/// [`HandshakeError`], which is the answer.
pub fn handshake(request: &HttpRequest, options: &Options) -> Result<HttpResponse, HandshakeError> {
    handshake::accept(request, options).map(|accepted| accepted.head)
}
