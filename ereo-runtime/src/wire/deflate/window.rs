//! LZ77 windows (RFC 7692 section 7.1.2).

/// How far back compressed data may refer: 2^9 to 2^15 bytes.
///
/// The RFC knows 2^8 as well, but zlib, in all its implementations, compresses raw data with no less
/// than 2^9, which a peer with a window of 2^8 cannot read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Window(u8);

impl Window {
    /// How many windows there are.
    pub(super) const COUNT: usize = 7;
    const MIN_BITS: u8 = 9;
    pub(super) const MAX: Self = Self(15);
    /// The largest context that a connection keeps for one direction.
    pub(super) const CONTEXT: Self = Self(12);

    /// The window of 2^`bits` bytes.
    pub(super) const fn new(bits: u8) -> Option<Self> {
        match bits {
            Self::MIN_BITS..=15 => Some(Self(bits)),
            _ => None,
        }
    }

    pub(super) const fn bits(self) -> u8 {
        self.0
    }

    /// In bytes.
    pub(super) const fn size(self) -> usize {
        1 << self.0
    }

    /// From 0 to `COUNT` - 1.
    pub(super) const fn index(self) -> usize {
        (self.0 - Self::MIN_BITS) as usize
    }

    pub(super) fn min(self, other: Self) -> Self {
        Self(self.0.min(other.0))
    }

    /// The window to compress a message of `length` bytes with that is read alone. One that fits into
    /// this window cannot refer further back than its own beginning, whatever window made it: so all
    /// readers can have the same.
    pub(super) const fn for_whole(self, length: usize) -> Self {
        if length <= self.size() { Self::MAX } else { self }
    }
}
