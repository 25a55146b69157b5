//! The bounded log that is history, queue and replay at once: pure data, no locks, no clock.

use std::collections::VecDeque;
use std::time::Duration;

/// What the log may keep. The newest entry always fits: larger ones are refused before they come.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    /// Entries, at least 1.
    pub(crate) count: usize,
    /// Sum of the entries' sizes.
    pub(crate) bytes: usize,
    /// Age of an entry.
    pub(crate) age: Option<Duration>,
}

/// Entries `first..next` of one order that never ends; older ones have fallen out.
#[derive(Debug, Clone)]
pub(crate) struct Log<E> {
    entries: VecDeque<Kept<E>>,
    /// Offset of the next entry; the first entry of a log has offset 1.
    next: u64,
    bytes: usize,
    limits: Limits,
}

#[derive(Debug, Clone)]
struct Kept<E> {
    entry: E,
    size: usize,
    /// When it came, as time since the log began.
    at: Duration,
}

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

/// What a cursor finds.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Read<E> {
    /// The entry at the cursor; the reader goes on behind it.
    Entry(E),
    /// Nothing yet.
    CaughtUp,
    /// The cursor's entry has fallen out; this is what is kept.
    Lagged(Window),
}

impl<E: Clone> Log<E> {
    pub(crate) fn new(limits: Limits) -> Self {
        let limits = Limits { count: limits.count.max(1), ..limits };
        Self { entries: VecDeque::new(), next: 1, bytes: 0, limits }
    }

    /// What is kept.
    pub(crate) fn window(&self) -> Window {
        Window { oldest: self.next - self.entries.len() as u64, next: self.next }
    }

    /// Appends and returns what no longer fits, for the caller to drop where nothing is locked.
    pub(crate) fn append(&mut self, entry: E, size: usize, now: Duration) -> Vec<E> {
        self.next += 1;
        self.bytes += size;
        self.entries.push_back(Kept { entry, size, at: now });
        let mut gone = self.expire(now);
        while self.entries.len() > self.limits.count || self.bytes > self.limits.bytes {
            gone.extend(self.pop_oldest());
        }
        gone
    }

    /// Returns what is too old, for the caller to drop where nothing is locked.
    pub(crate) fn expire(&mut self, now: Duration) -> Vec<E> {
        let mut gone = Vec::new();
        let Some(age) = self.limits.age else { return gone };
        while self.entries.front().is_some_and(|kept| now.saturating_sub(kept.at) > age) {
            gone.extend(self.pop_oldest());
        }
        gone
    }

    /// When the newest entry came; when the log began if there is none.
    pub(crate) fn newest_at(&self) -> Duration {
        self.entries.back().map_or(Duration::ZERO, |kept| kept.at)
    }

    /// What stands at `cursor`, an offset that this log gave out.
    pub(crate) fn read(&self, cursor: u64) -> Read<E> {
        let window = self.window();
        if cursor < window.oldest {
            return Read::Lagged(window);
        }
        // An index past the end is the entry that has not come yet.
        match usize::try_from(cursor - window.oldest).ok().and_then(|index| self.entries.get(index))
        {
            Some(kept) => Read::Entry(kept.entry.clone()),
            None => Read::CaughtUp,
        }
    }

    /// What stands at `offset` and behind it, as many entries as these and as fit into so many bytes.
    pub(crate) fn entries(&self, offset: u64, count: usize, bytes: usize) -> Vec<E> {
        let index = offset.checked_sub(self.window().oldest);
        let Some(index) = index.and_then(|index| usize::try_from(index).ok()) else {
            return Vec::new();
        };
        let mut room = bytes;
        let fits = |kept: &&Kept<E>| {
            let left = room.checked_sub(kept.size);
            room = left.unwrap_or_default();
            left.is_some()
        };
        let kept = self.entries.iter().skip(index).take(count).take_while(fits);
        kept.map(|kept| kept.entry.clone()).collect()
    }

    fn pop_oldest(&mut self) -> Option<E> {
        let kept = self.entries.pop_front()?;
        self.bytes -= kept.size;
        Some(kept.entry)
    }
}
