//! Bytes to compressed bytes (RFC 7692 section 7.2.1), by compressors that a thread's connections share.

use std::cell::RefCell;

use super::TAIL;
use super::window::Window;
use super::zlib::{Compress, Compression, FlushCompress};
use crate::wire::frame;
use crate::wire::frame::{Header, OpCode, Rsv};
use bytes::Bytes;

/// zlib's own default.
const LEVEL: Compression = Compression::new(6);

thread_local! {
    /// One for each window, made when it is first needed: at most 2 MiB a thread, however many
    /// connections it has. Every message leaves its compressor without a trace of it.
    static COMPRESSORS: RefCell<[Option<Compress>; Window::COUNT]> = const {
        RefCell::new([const { None }; Window::COUNT])
    };
}

/// A data frame's compressed form, which may be a few bytes larger.
///
/// `frame` is one that [`encode`](frame::encode) made. What stands in `history` is referred to.
pub(super) fn deflate(frame: &Bytes, window: Window, history: &[u8]) -> Option<Bytes> {
    let (opcode, payload) = parts(frame)?;
    let compressed = compress(payload, window, history)?;
    Some(frame::encode_with(Rsv::RSV1, opcode, &compressed))
}

/// The frame's payload, if it has as many bytes.
pub(super) fn payload_from(frame: &[u8], threshold: u32) -> Option<&[u8]> {
    parts(frame).map(|(_, payload)| payload).filter(|payload| payload.len() >= threshold as usize)
}

/// Opcode and payload of a whole unmasked frame.
fn parts(frame: &[u8]) -> Option<(OpCode, &[u8])> {
    let (header, size) = Header::parse(frame).ok()??;
    Some((header.opcode, &frame[size..]))
}

/// The payload compressed, without the tail. `None` if zlib refuses, which it has no reason to.
fn compress(payload: &[u8], window: Window, history: &[u8]) -> Option<Vec<u8>> {
    COMPRESSORS.with_borrow_mut(|compressors| {
        let compressor = compressors[window.index()]
            .get_or_insert_with(|| Compress::new_with_window_bits(LEVEL, false, window.bits()));
        compressor.reset();
        if !history.is_empty() {
            compressor.set_dictionary(history).ok()?;
        }
        let mut out = Vec::with_capacity(payload.len() / 2 + 64);
        let mut left = payload;
        loop {
            let before = compressor.total_in();
            compressor.compress_vec(left, &mut out, FlushCompress::Sync).ok()?;
            // Never more than there is, so it fits.
            left = &left[(compressor.total_in() - before) as usize..];
            if left.is_empty() && out.len() < out.capacity() {
                break;
            }
            out.reserve(out.capacity() / 2);
        }
        // "Remove 4 octets (that are 0x00 0x00 0xff 0xff) from the tail end."
        let length = out.strip_suffix(&TAIL)?.len();
        out.truncate(length);
        Some(out)
    })
}
