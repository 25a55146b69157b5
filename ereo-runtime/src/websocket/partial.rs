//! What the last chunk ended in: part of a header or of a control frame.

use super::frame::{MAX_CONTROL, MAX_HEADER};

/// A few bytes that are waited for, without an allocation.
#[derive(Debug)]
pub(super) struct Partial<const N: usize> {
    bytes: [u8; N],
    length: u8,
}

const _: () = assert!(MAX_HEADER <= MAX_CONTROL && MAX_CONTROL <= u8::MAX as usize);

impl<const N: usize> Partial<N> {
    pub(super) const EMPTY: Self = Self { bytes: [0; N], length: 0 };

    pub(super) fn len(&self) -> usize {
        usize::from(self.length)
    }

    pub(super) fn as_slice(&self) -> &[u8] {
        &self.bytes[..self.len()]
    }

    pub(super) fn as_mut_slice(&mut self) -> &mut [u8] {
        let length = self.len();
        &mut self.bytes[..length]
    }

    /// Appends what fits and says how much that was.
    pub(super) fn fill(&mut self, from: &[u8]) -> usize {
        let length = self.len();
        let taken = from.len().min(N - length);
        self.bytes[length..length + taken].copy_from_slice(&from[..taken]);
        // N is at most 125 (asserted above), so the sum fits.
        self.length += taken as u8;
        taken
    }
}
