//! The bounded log that is history, queue and replay at once: pure data, no locks, no clock.

use std::collections::VecDeque;
use std::time::Duration;

use super::behind::Behind;
use super::window::Window;

/// Bounds of a log. The newest entry is kept whatever its size: what is too large is refused before it comes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    /// Entries that a reader may come back for, at least 1.
    pub(crate) count: usize,
    /// Age below which an entry is not evicted by count, and the time for which a read of it or of one before
    /// it keeps it from that. A burst of any number of entries then reaches every reader that reads: the count
    /// bounds what is kept for readers that come back, and only the bytes bound how far a reader that is there
    /// may be behind.
    pub(crate) young: Duration,
    /// Sum of the entries' sizes.
    pub(crate) bytes: usize,
    /// Age of an entry.
    pub(crate) age: Option<Duration>,
}

/// Times as long as an entry is young that readers are waited for of which none reads. A peer that reads all
/// that its system holds for it before it takes more is silent for a second or two.
const PATIENCE: u32 = 4;

/// Entries `first..next` of one order that never ends; older ones have fallen out.
#[derive(Debug, Clone)]
pub(crate) struct Log<E> {
    entries: VecDeque<Kept<E>>,
    /// Offset of the next entry; the first entry of a log has offset 1.
    next: u64,
    /// Bytes of all entries that were ever appended.
    appended: u64,
    /// Bytes that the entries have grown by since they were.
    grown: usize,
    /// Where readers are that are behind and read.
    readers: Behind,
    /// The same of those that are behind by more than a quarter of the bytes.
    deep: Behind,
    /// When most of the bytes began to be of young entries, and when they last were.
    pressed: Option<(Duration, Duration)>,
    /// When readers were waited for in vain.
    in_vain: Option<Duration>,
    /// The time as it was last told.
    now: Duration,
    limits: Limits,
}

#[derive(Debug, Clone)]
struct Kept<E> {
    /// None where nobody can read it.
    entry: Option<E>,
    /// Bytes of all entries that were appended before this one.
    before: u64,
    /// Bytes that it has grown by since.
    grown: usize,
    /// When it came, as time since the log began.
    at: Duration,
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
    /// Nobody can read the entries from the cursor on; this is what is kept behind them.
    Unreadable(Window),
}

impl<E: Clone> Log<E> {
    pub(crate) fn new(limits: Limits) -> Self {
        let limits = Limits { count: limits.count.max(1), ..limits };
        Self {
            entries: VecDeque::new(),
            next: 1,
            appended: 0,
            grown: 0,
            readers: Behind::new(),
            deep: Behind::new(),
            pressed: None,
            in_vain: None,
            now: Duration::ZERO,
            limits,
        }
    }

    /// Entries that a reader which is there can still read.
    pub(crate) fn window(&self) -> Window {
        Window { oldest: self.next - self.entries.len() as u64, next: self.next }
    }

    /// Entries that a reader may come back for: the newest [`Limits::count`] of those that are kept.
    pub(crate) fn history(&self) -> Window {
        let Window { oldest, next } = self.window();
        Window { oldest: oldest.max(next.saturating_sub(self.limits.count as u64)), next }
    }

    /// Appends and returns what no longer fits, for the caller to drop where nothing is locked.
    pub(crate) fn append(&mut self, entry: E, size: usize, now: Duration) -> Vec<E> {
        self.push(Some(entry), size, now)
    }

    /// Appends what nobody can read: a reader that comes to it finds that, and goes on behind it. Returns what no longer
    /// fits, as [`Log::append`] does.
    pub(crate) fn append_unreadable(&mut self, now: Duration) -> Vec<E> {
        self.push(None, 0, now)
    }

    fn push(&mut self, entry: Option<E>, size: usize, now: Duration) -> Vec<E> {
        self.next += 1;
        self.entries.push_back(Kept { entry, before: self.appended, grown: 0, at: now });
        self.appended += size as u64;
        self.expire(now)
    }

    /// The next entry will be at `next`, which is ahead: takes out everything, for the caller to drop where
    /// nothing is locked. A reader that was not told of the entries in between finds that they have fallen out.
    pub(crate) fn skip_to(&mut self, next: u64) -> Vec<E> {
        debug_assert!(self.next <= next, "offsets rise");
        self.next = self.next.max(next);
        self.take()
    }

    /// Returns what is not to be kept any more, for the caller to drop where nothing is locked.
    pub(crate) fn expire(&mut self, now: Duration) -> Vec<E> {
        self.now = now;
        self.readers.turn_to(now, self.limits.young);
        self.deep.turn_to(now, self.limits.young);
        let mut gone = Vec::new();
        while self.entries.front().is_some_and(|oldest| self.is_over(oldest, now)) {
            gone.extend(self.pop_oldest());
        }
        gone
    }

    /// Bytes of what is kept.
    pub(crate) fn bytes(&self) -> usize {
        let appended = self.entries.front().map_or(0, |oldest| self.appended - oldest.before);
        appended as usize + self.grown
    }

    /// Adds to the size of the entry at `offset`, unless it has fallen out, and returns what no longer
    /// fits, for the caller to drop where nothing is locked.
    pub(crate) fn grow(&mut self, offset: u64, bytes: usize) -> Vec<E> {
        let index = offset.checked_sub(self.window().oldest);
        let index = index.and_then(|index| usize::try_from(index).ok());
        let Some(kept) = index.and_then(|index| self.entries.get_mut(index)) else {
            return Vec::new();
        };
        kept.grown += bytes;
        self.grown += bytes;
        self.trim_to(self.limits.bytes)
    }

    /// Takes out the oldest until so many bytes are left, or the newest alone; for the caller to drop
    /// where nothing is locked.
    pub(crate) fn trim_to(&mut self, bytes: usize) -> Vec<E> {
        let mut gone = Vec::new();
        while self.bytes() > bytes && self.entries.len() > 1 {
            gone.extend(self.pop_oldest());
        }
        gone
    }

    /// Takes out everything, for the caller to drop where nothing is locked.
    pub(crate) fn take(&mut self) -> Vec<E> {
        let mut gone = Vec::with_capacity(self.entries.len());
        while !self.entries.is_empty() {
            gone.extend(self.pop_oldest());
        }
        gone
    }

    fn pop_oldest(&mut self) -> Option<E> {
        let kept = self.entries.pop_front()?;
        self.grown -= kept.grown;
        kept.entry
    }

    /// Whether the oldest entry is beyond a limit.
    fn is_over(&self, oldest: &Kept<E>, now: Duration) -> bool {
        let Limits { count, young, bytes, age } = self.limits;
        let old = now.saturating_sub(oldest.at);
        (self.bytes() > bytes && self.entries.len() > 1)
            || age.is_some_and(|age| old > age)
            || (self.entries.len() > count
                && old >= young
                && self.window().oldest < self.readers.first())
    }

    /// Whether the entry at `cursor` is halfway to being evicted: by bytes, or by count and time.
    pub(crate) fn is_pressed(&self, cursor: u64, now: Duration) -> bool {
        let Window { oldest, next } = self.window();
        if cursor >= next {
            return false;
        }
        let Some(unread) = self.kept(cursor) else { return cursor < oldest };
        let Limits { count, young, bytes, .. } = self.limits;
        2 * (self.appended - unread.before) > bytes as u64
            || (2 * (next - cursor) > count as u64 && now.saturating_sub(unread.at) >= young / 2)
    }

    /// When no more than half of the bytes that may be kept will be of young entries; `None` if they are not
    /// more now. Up to then a reader that falls behind could be overtaken within that time.
    ///
    /// Also `None` where no reader that is far behind has read anything for [`PATIENCE`], and for ten times as
    /// long from then on: those that have stopped are not waited for.
    pub(crate) fn calm_at(&mut self, now: Duration) -> Option<Duration> {
        let young = self.limits.young;
        let half = self.appended.checked_sub(self.limits.bytes as u64 / 2)?;
        // The newest entry that stands outside of the newer half.
        let outside = self.entries.partition_point(|kept| kept.before < half).checked_sub(1)?;
        let calm = Some(self.entries[outside].at + young).filter(|calm| now < *calm)?;
        let goes_on = self.pressed.filter(|(_, last)| now.saturating_sub(*last) <= young / 2);
        let since = goes_on.map_or(now, |(since, _)| since);
        self.pressed = Some((since, now));
        if self.deep.is_anybody() {
            self.in_vain = None;
        } else if self.in_vain.is_some_and(|at| now.saturating_sub(at) < 10 * PATIENCE * young) {
            return None;
        } else if now.saturating_sub(since) >= PATIENCE * young {
            self.in_vain = Some(now);
            return None;
        }
        Some(calm)
    }

    /// When the newest entry came; when the log began if there is none.
    pub(crate) fn newest_at(&self) -> Duration {
        self.entries.back().map_or(Duration::ZERO, |kept| kept.at)
    }

    /// What stands at `cursor`, an offset that this log gave out.
    pub(crate) fn read(&mut self, cursor: u64) -> Read<E> {
        let window = self.window();
        if cursor < window.oldest {
            return Read::Lagged(window);
        }
        if cursor < self.history().oldest {
            self.readers.note(cursor);
        }
        let quarter = self.appended.saturating_sub(self.limits.bytes as u64 / 4);
        match self.kept(cursor) {
            Some(kept) => {
                let is_deep = kept.before < quarter;
                let Some(entry) = kept.entry.clone() else {
                    return Read::Unreadable(self.readable_from(cursor));
                };
                if is_deep {
                    self.deep.note(cursor);
                }
                Read::Entry(entry)
            }
            // An index past the end is the entry that has not come yet.
            None => Read::CaughtUp,
        }
    }

    /// The entries behind those from `cursor` on that nobody can read.
    #[cold]
    fn readable_from(&self, cursor: u64) -> Window {
        let Window { oldest, next } = self.window();
        let kept = self.entries.iter().skip((cursor - oldest) as usize);
        let unreadable = kept.take_while(|kept| kept.entry.is_none()).count();
        Window { oldest: cursor + unreadable as u64, next }
    }

    /// The entry at `offset`, if it is kept.
    fn kept(&self, offset: u64) -> Option<&Kept<E>> {
        let index = offset.checked_sub(self.window().oldest)?;
        self.entries.get(usize::try_from(index).ok()?)
    }

    /// What stands at `offset` and behind it, so many entries at most, as long as they fit.
    pub(crate) fn entries(
        &self,
        offset: u64,
        count: usize,
        fits: impl FnMut(&&E) -> bool,
    ) -> Vec<E> {
        let index = offset.checked_sub(self.window().oldest);
        let Some(index) = index.and_then(|index| usize::try_from(index).ok()) else {
            return Vec::new();
        };
        let kept = self.entries.iter().skip(index).take(count);
        kept.map_while(|kept| kept.entry.as_ref()).take_while(fits).cloned().collect()
    }

    /// Bytes of what is kept from `cursor` on.
    pub(crate) fn bytes_from(&self, cursor: u64) -> u64 {
        self.kept(cursor).map_or(0, |first| self.appended - first.before)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    /// Of ten bytes, with an entry of one for each tenth of a second from `from` to `to`.
    fn pressed(log: &mut Log<u64>, from: u32, to: u32) {
        for tenth in from..to {
            log.append(tenth.into(), 1, SECOND / 10 * tenth);
        }
    }

    #[test]
    fn what_nobody_can_read_has_its_offset_and_nothing_else() {
        let limits = Limits { count: 4, young: Duration::ZERO, bytes: 100, age: None };
        let mut log = Log::new(limits);
        log.append(1, 1, Duration::ZERO);
        log.append_unreadable(Duration::ZERO);
        log.append_unreadable(Duration::ZERO);
        log.append(4, 1, Duration::ZERO);
        assert_eq!(log.read(1), Read::Entry(1));
        for cursor in [2, 3] {
            assert_eq!(log.read(cursor), Read::Unreadable(Window { oldest: 4, next: 5 }));
        }
        assert_eq!(log.read(4), Read::Entry(4));
        assert_eq!((log.entries(1, 9, |_| true), log.entries(2, 9, |_| true)), (vec![1], vec![]));
        assert_eq!(log.history().behind(1), Ok(2), "whoever comes back to it is told as well");
        log.append_unreadable(Duration::ZERO);
        let behind = Window { oldest: 6, next: 6 };
        assert_eq!(log.read(5), Read::Unreadable(behind), "nothing behind it");
        assert_eq!((log.bytes(), log.take(), log.bytes()), (1, vec![4], 0));
    }

    #[test]
    fn a_log_is_calm_for_who_has_stopped_and_not_for_a_slow_reader() {
        let limits = Limits { count: 1, young: SECOND, bytes: 10, age: None };
        let mut log = Log::new(limits);
        // Some time after it began.
        pressed(&mut log, 15, 20);
        assert_eq!(log.calm_at(SECOND / 10 * 19), None, "half of it is of the last moment");
        pressed(&mut log, 20, 23);
        assert_eq!(log.calm_at(SECOND / 10 * 22), Some(SECOND / 10 * 27));
        // Nobody reads who is far behind.
        for tenth in 23..63 {
            pressed(&mut log, tenth, tenth + 1);
            assert_eq!(log.calm_at(SECOND / 10 * tenth).is_some(), tenth < 62, "{tenth}");
        }
        let slow = log.window().oldest;
        assert!(matches!(log.read(slow), Read::Entry(_)));
        assert_eq!(log.calm_at(SECOND / 10 * 62), Some(SECOND / 10 * 67));
        // It was much, and is over.
        assert_eq!(log.calm_at(SECOND * 8), None);
        pressed(&mut log, 100, 107);
        assert!(log.calm_at(SECOND / 10 * 106).is_some(), "from the beginning again");
        for tenth in 107..147 {
            pressed(&mut log, tenth, tenth + 1);
            log.calm_at(SECOND / 10 * tenth);
        }
        pressed(&mut log, 200, 207);
        assert_eq!(log.calm_at(SECOND / 10 * 206), None, "it was in vain a moment ago");
        pressed(&mut log, 600, 607);
        assert!(log.calm_at(SECOND / 10 * 606).is_some());
    }
}
