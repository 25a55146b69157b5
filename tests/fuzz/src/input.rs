//! An input taken apart.

use bytes::Bytes;

/// Lengths of pieces, from a generator that the input itself seeds: an input is read the same way each
/// time.
pub(crate) struct Pieces(u64);

impl Pieces {
    pub(crate) fn of(input: &[u8]) -> Self {
        // FNV-1a.
        let hash = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        Self(input.iter().fold(0xcbf2_9ce4_8422_2325, hash))
    }

    /// A length from 1 to `most`.
    fn next(&mut self, most: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        1 + (self.0 % most as u64) as usize
    }

    /// The input in pieces, most of them small.
    pub(crate) fn cut(mut self, mut input: &[u8]) -> Vec<Bytes> {
        let mut pieces = Vec::new();
        while !input.is_empty() {
            let most = if self.next(4) == 1 { 2000 } else { 12 };
            let (piece, rest) = input.split_at(self.next(most).min(input.len()));
            pieces.push(Bytes::copy_from_slice(piece));
            input = rest;
        }
        pieces
    }
}

/// The input as lines of text, one of which may be anything but a line feed.
pub(crate) fn lines(input: &[u8]) -> impl Iterator<Item = &[u8]> {
    input.split(|byte| *byte == b'\n')
}
