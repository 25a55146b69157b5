//! What a client sends, inflated while it arrives (RFC 7692 section 7.2.2).
//!
//! Compressed data is read in pieces of 4 KiB and never held; what comes out is bounded by
//! `max_message` at every step, so that a small message that inflates to gigabytes is refused after
//! `max_message` bytes of them.

use std::cell::RefCell;
use std::mem;

use flate2::{Decompress, FlushDecompress, Status};

use super::TAIL;
use super::agreement::Agreement;
use super::history::History;
use super::window::Window;
use crate::websocket::reader::ReadError;

/// Inflaters that a thread keeps for the next messages; more are in use only while more messages are
/// half read.
const SPARE: usize = 4;

/// Last blocks that one message may have. A compressor that marks its blocks so writes one, or one a
/// fragment; each costs as much as a window of data.
const MAX_ENDS: u8 = 64;

/// What is inflated at a time.
const PIECE: usize = 4 << 10;

/// Behind the tail comes an empty last block: the inflater takes it for one only if what stood before
/// it ended where a block ends.
const END: [u8; 5] = [0x01, 0x00, 0x00, 0xff, 0xff];

thread_local! {
    static INFLATERS: RefCell<Vec<Decompress>> = const { RefCell::new(Vec::new()) };
}

/// The receiving half of an agreement, and its context between two messages.
#[derive(Debug)]
pub(in crate::websocket) struct Inbound {
    history: Option<Box<History>>,
}

impl Inbound {
    pub(in crate::websocket) fn new(agreement: Agreement) -> Self {
        Self { history: agreement.client_takeover.map(History::new).map(Box::new) }
    }

    /// Begins a compressed message.
    pub(in crate::websocket) fn begin(&mut self) -> Inflating {
        Inflating::new(self.history.take())
    }

    /// Takes back the context behind a message.
    pub(in crate::websocket) fn finish(&mut self, inflating: Inflating) {
        self.history = inflating.into_history();
    }
}

/// One message while it is inflated.
#[derive(Debug)]
pub(in crate::websocket) struct Inflating {
    /// Given back to the thread on drop.
    inflater: Option<Decompress>,
    history: Option<Box<History>>,
    /// Whether the data ended in a last block. More may follow (section 7.2.3.4).
    ended: bool,
    ends: u8,
}

impl Inflating {
    fn new(history: Option<Box<History>>) -> Self {
        let spare = INFLATERS.with_borrow_mut(Vec::pop);
        // Of any window: a peer that uses less than it may is as well understood.
        let new = || Decompress::new_with_window_bits(false, Window::MAX.bits());
        let mut inflating =
            Self { inflater: Some(spare.unwrap_or_else(new)), history, ended: false, ends: 0 };
        // Cannot fail: a fresh inflater takes any dictionary.
        let _ = inflating.restart(&[]);
        inflating
    }

    /// How many bytes a frame may declare whose message may have `limit`: more than any compressor
    /// makes of as many bytes that it cannot compress.
    pub(in crate::websocket) fn bound(limit: usize) -> usize {
        limit.saturating_add(limit / 8).saturating_add(1024)
    }

    /// Appends to `message` what `compressed` inflates to.
    ///
    /// # Errors
    /// [`ReadError::TooBig`] before `message` is larger than `limit`, [`ReadError::Corrupt`].
    pub(in crate::websocket) fn push(
        &mut self,
        mut compressed: &[u8],
        message: &mut Vec<u8>,
        limit: usize,
    ) -> Result<(), ReadError> {
        let mut piece = [0; PIECE];
        loop {
            if self.ended {
                if compressed.is_empty() {
                    return Ok(());
                }
                self.ends += 1;
                if self.ends > MAX_ENDS {
                    return Err(ReadError::Corrupt);
                }
                self.restart(message)?;
            }
            let inflater = self.inflater.as_mut().ok_or(ReadError::Corrupt)?;
            let (read, written) = (inflater.total_in(), inflater.total_out());
            let status = inflater
                .decompress(compressed, &mut piece, FlushDecompress::None)
                .map_err(|_| ReadError::Corrupt)?;
            // Both are at most the length of their slice.
            let read = (inflater.total_in() - read) as usize;
            let written = (inflater.total_out() - written) as usize;
            if written > limit - message.len() {
                return Err(ReadError::TooBig { limit });
            }
            append(message, &piece[..written], limit);
            compressed = &compressed[read..];
            self.ended = status == Status::StreamEnd;
            if !self.ended && written < PIECE {
                if compressed.is_empty() {
                    return Ok(());
                }
                if (read, written) == (0, 0) {
                    return Err(ReadError::Corrupt);
                }
            }
        }
    }

    /// The message is whole: its data must be so too.
    pub(in crate::websocket) fn finish(
        &mut self,
        message: &mut Vec<u8>,
        limit: usize,
    ) -> Result<(), ReadError> {
        // After a last block nothing need follow, though the RFC's own example has a byte there.
        if !self.ended {
            // "Append 4 octets of 0x00 0x00 0xff 0xff to the tail end of the payload."
            self.push(&TAIL, message, limit)?;
            self.push(&END, message, limit)?;
        }
        if !self.ended {
            return Err(ReadError::Corrupt);
        }
        if let Some(history) = &mut self.history {
            history.push(message);
        }
        Ok(())
    }

    /// Begins a new stream of blocks, which may refer to what came before it.
    fn restart(&mut self, message: &[u8]) -> Result<(), ReadError> {
        let Some(inflater) = &mut self.inflater else { return Err(ReadError::Corrupt) };
        inflater.reset(false);
        self.ended = false;
        let message = &message[message.len().saturating_sub(Window::MAX.size())..];
        let earlier = self.history.as_ref().map_or(&[][..], |history| history.as_slice());
        if earlier.is_empty() && message.is_empty() {
            return Ok(());
        }
        // Of more than a window zlib takes the last.
        let context = [earlier, message].concat();
        inflater.set_dictionary(&context).map(drop).map_err(|_| ReadError::Corrupt)
    }

    fn into_history(mut self) -> Option<Box<History>> {
        mem::take(&mut self.history)
    }
}

impl Drop for Inflating {
    fn drop(&mut self) {
        let inflater = self.inflater.take();
        // While the thread ends there is nothing left to give it back to.
        let _ = INFLATERS.try_with(|spare| {
            let mut spare = spare.borrow_mut();
            if spare.len() < SPARE {
                spare.extend(inflater);
            }
        });
    }
}

/// Doubles like a `Vec`, but never past the limit; what came in one piece fits exactly.
fn append(message: &mut Vec<u8>, bytes: &[u8], limit: usize) {
    let needed = message.len() + bytes.len();
    if needed > message.capacity() {
        let target = (2 * message.capacity()).min(limit).max(needed);
        message.reserve_exact(target - message.len());
    }
    message.extend_from_slice(bytes);
}
