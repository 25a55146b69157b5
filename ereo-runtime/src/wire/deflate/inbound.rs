//! Messages of a client, inflated while they arrive (RFC 7692 section 7.2.2).
//!
//! Compressed data is read in pieces of 4 KiB; what comes out is bounded by `max_message` at every step, so
//! that a small message that inflates to gigabytes is refused after `max_message` bytes of them.
//!
//! An inflater and what it made are a hundred times what a peer need send for them, and a peer may leave its
//! message unfinished. So a thread inflates [`MOST`] messages at a time as they arrive, and keeps others as
//! they came until they are whole.

use std::cell::{Cell, RefCell};
use std::mem;

use flate2::{Decompress, FlushDecompress, Status};

use super::TAIL;
use super::agreement::Agreement;
use super::history::History;
use super::window::Window;

/// Why a compressed message cannot be inflated any further.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum InflateError {
    /// It inflates to more than `limit` bytes.
    TooBig { limit: usize },
    /// It is no DEFLATE data, or has too many last blocks.
    Corrupt,
}

/// Inflaters that a thread keeps for the next messages; more are in use only while more messages are
/// half read.
const SPARE: usize = 4;

/// Messages that a thread inflates at a time while they are half read.
const MOST: usize = 32;

/// Last blocks that one message may have. A compressor that marks its blocks so writes one, or one a
/// fragment; each costs as much as a window of data.
const MAX_ENDS: u8 = 8;

/// Bytes inflated at a time.
const PIECE: usize = 4 << 10;

/// Behind the tail comes an empty last block: the inflater takes it for one only if what stood before
/// it ended where a block ends.
const END: [u8; 5] = [0x01, 0x00, 0x00, 0xff, 0xff];

thread_local! {
    static INFLATERS: RefCell<Vec<Decompress>> = const { RefCell::new(Vec::new()) };
    /// Messages that are being inflated.
    static BEGUN: Cell<usize> = const { Cell::new(0) };
}

/// Work that inflating was.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Work {
    /// Bytes that came out.
    pub(crate) inflated: usize,
    /// Bytes of these, of messages that are whole, beyond those that came in.
    pub(crate) excess: usize,
    /// Times that an inflater was given a context.
    pub(crate) restarts: u32,
}

impl Work {
    pub(crate) fn add(&mut self, other: Self) {
        self.inflated += other.inflated;
        self.excess += other.excess;
        self.restarts += other.restarts;
    }
}

/// The receiving half of an agreement, and its context between two messages.
#[derive(Debug)]
pub(crate) struct Inbound {
    history: Option<Box<History>>,
}

impl Inbound {
    pub(crate) fn new(agreement: Agreement) -> Self {
        Self { history: agreement.client_takeover.map(History::new).map(Box::new) }
    }

    /// Begins a compressed message.
    pub(crate) fn begin(&mut self) -> Inflating {
        Inflating::new(self.history.take())
    }

    /// Takes back the context behind a message.
    pub(crate) fn finish(&mut self, inflating: Inflating) {
        self.history = inflating.into_history();
    }
}

/// One message while it is inflated.
#[derive(Debug)]
pub(crate) struct Inflating {
    /// Given back to the thread on drop. None while the message is kept as it comes.
    inflater: Option<Decompress>,
    /// Bytes that came while there was no inflater.
    kept: Vec<u8>,
    history: Option<Box<History>>,
    /// True if the data ended in a last block. More may follow (section 7.2.3.4).
    ended: bool,
    ends: u8,
    /// Since it was last taken.
    work: Work,
    /// Bytes of the message so far, as they came.
    compressed: usize,
}

impl Inflating {
    fn new(history: Option<Box<History>>) -> Self {
        let mut inflating = Self {
            inflater: None,
            kept: Vec::new(),
            history,
            ended: false,
            ends: 0,
            work: Work::default(),
            compressed: 0,
        };
        if BEGUN.get() < MOST {
            inflating.begin();
        }
        inflating
    }

    /// Takes an inflater.
    fn begin(&mut self) {
        let spare = INFLATERS.with_borrow_mut(Vec::pop);
        // Of any window: a peer that uses less than it may is as well understood.
        let new = || Decompress::new_with_window_bits(false, Window::MAX.bits());
        self.inflater = Some(spare.unwrap_or_else(new));
        BEGUN.set(BEGUN.get() + 1);
        // Cannot fail: a fresh inflater takes any dictionary.
        let _ = self.restart(&[]);
    }

    /// How many bytes a frame may declare whose message may have `limit`: more than any compressor
    /// makes of as many bytes that it cannot compress.
    pub(crate) fn bound(limit: usize) -> usize {
        limit.saturating_add(limit / 8).saturating_add(1024)
    }

    /// Appends to `message` what `compressed` inflates to, or keeps it for later.
    ///
    /// # Errors
    /// [`InflateError::TooBig`] before `message` is larger than `limit`, [`InflateError::Corrupt`].
    pub(crate) fn push(
        &mut self,
        compressed: &[u8],
        message: &mut Vec<u8>,
        limit: usize,
    ) -> Result<(), InflateError> {
        self.compressed += compressed.len();
        if self.inflater.is_some() {
            return self.inflate(compressed, message, limit);
        }
        let most = Self::bound(limit);
        if compressed.len() > most - self.kept.len() {
            return Err(InflateError::TooBig { limit });
        }
        append(&mut self.kept, compressed, most);
        Ok(())
    }

    fn inflate(
        &mut self,
        mut compressed: &[u8],
        message: &mut Vec<u8>,
        limit: usize,
    ) -> Result<(), InflateError> {
        let mut piece = [0; PIECE];
        loop {
            if self.ended {
                if compressed.is_empty() {
                    return Ok(());
                }
                self.ends += 1;
                if self.ends > MAX_ENDS {
                    return Err(InflateError::Corrupt);
                }
                self.restart(message)?;
            }
            let inflater = self.inflater.as_mut().ok_or(InflateError::Corrupt)?;
            let (read, written) = (inflater.total_in(), inflater.total_out());
            let status = inflater
                .decompress(compressed, &mut piece, FlushDecompress::None)
                .map_err(|_| InflateError::Corrupt)?;
            // Both are at most the length of their slice.
            let read = (inflater.total_in() - read) as usize;
            let written = (inflater.total_out() - written) as usize;
            if written > limit - message.len() {
                return Err(InflateError::TooBig { limit });
            }
            append(message, &piece[..written], limit);
            self.work.inflated += written;
            compressed = &compressed[read..];
            self.ended = status == Status::StreamEnd;
            if !self.ended && written < PIECE {
                if compressed.is_empty() {
                    return Ok(());
                }
                if (read, written) == (0, 0) {
                    return Err(InflateError::Corrupt);
                }
            }
        }
    }

    /// The message is whole: its data must be so too.
    pub(crate) fn finish(
        &mut self,
        message: &mut Vec<u8>,
        limit: usize,
    ) -> Result<(), InflateError> {
        if self.inflater.is_none() {
            self.begin();
            let kept = mem::take(&mut self.kept);
            self.inflate(&kept, message, limit)?;
        }
        // After a last block nothing need follow, though the RFC's own example has a byte there.
        if !self.ended {
            // "Append 4 octets of 0x00 0x00 0xff 0xff to the tail end of the payload."
            self.inflate(&TAIL, message, limit)?;
            self.inflate(&END, message, limit)?;
        }
        if !self.ended {
            return Err(InflateError::Corrupt);
        }
        if let Some(history) = &mut self.history {
            history.push(message);
        }
        self.work.excess = message.len().saturating_sub(self.compressed);
        Ok(())
    }

    /// Work that was done since this was last asked.
    pub(crate) fn take_work(&mut self) -> Work {
        mem::take(&mut self.work)
    }

    /// Begins a new stream of blocks, which may refer to what came before it.
    fn restart(&mut self, message: &[u8]) -> Result<(), InflateError> {
        let Some(inflater) = &mut self.inflater else { return Err(InflateError::Corrupt) };
        inflater.reset(false);
        self.ended = false;
        self.work.restarts += 1;
        let message = &message[message.len().saturating_sub(Window::MAX.size())..];
        let earlier = self.history.as_ref().map_or(&[][..], |history| history.as_slice());
        if earlier.is_empty() && message.is_empty() {
            return Ok(());
        }
        // Of more than a window zlib takes the last.
        let context = [earlier, message].concat();
        inflater.set_dictionary(&context).map(drop).map_err(|_| InflateError::Corrupt)
    }

    fn into_history(mut self) -> Option<Box<History>> {
        mem::take(&mut self.history)
    }
}

impl Drop for Inflating {
    fn drop(&mut self) {
        let Some(inflater) = self.inflater.take() else { return };
        BEGUN.set(BEGUN.get() - 1);
        // While the thread ends there is nothing left to give it back to.
        let _ = INFLATERS.try_with(|spare| {
            let mut spare = spare.borrow_mut();
            if spare.len() < SPARE {
                spare.push(inflater);
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
