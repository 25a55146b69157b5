//! The offsets that a log keeps, and which cursors can go on there.

/// The offsets that a log keeps: `oldest..next`, empty when the two are the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Window {
    /// Offset of the oldest entry that is kept.
    pub(crate) oldest: u64,
    /// Offset that the next entry will have.
    pub(crate) next: u64,
}

/// Why nobody can go on behind an offset.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Gap {
    /// Entries behind it have fallen out; so many come between it and what comes next.
    Expired { missed: u64 },
    /// The log never gave it out.
    Unknown,
}

impl Window {
    /// Offset of the newest entry; `next` when none is kept.
    pub(crate) fn latest(self) -> u64 {
        // All may have become too old: then the newest is gone as well.
        self.oldest.max(self.next - 1)
    }

    /// The cursor behind the entry at `offset`: only if every entry between is still there.
    pub(crate) fn behind(self, offset: u64) -> Result<u64, Gap> {
        if offset >= self.next {
            return Err(Gap::Unknown);
        }
        let cursor = offset + 1;
        if cursor < self.oldest {
            return Err(Gap::Expired { missed: self.next - cursor });
        }
        Ok(cursor)
    }
}
