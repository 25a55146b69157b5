//! Entries beside a log: without an offset, for the readers that are there now, and never replayed. Pure data,
//! as `ring` is.

use std::collections::VecDeque;
use std::time::Duration;

/// Asides that are kept at most, for readers that have not had their turn yet.
const MOST: usize = 64;
/// Bytes of all that are kept, but for a newest that is larger by itself.
const BYTES: usize = 64 << 10;
/// After so long they are of no use to anybody.
const AGE: Duration = Duration::from_secs(1);

/// The newest asides. A reader gets those that were made since it came, each at its place in the order of the
/// log, as long as it is not behind: one that has gone by their place does not get them.
#[derive(Debug)]
pub(crate) struct Asides<E> {
    kept: VecDeque<Aside<E>>,
    /// How many there ever were. It counts around: a reader that has seen fewer by any multiple of that gets
    /// fewer, and none twice.
    count: u16,
    bytes: usize,
}

#[derive(Debug)]
struct Aside<E> {
    entry: E,
    size: usize,
    /// Offset of the log's entry that it goes before.
    before: u64,
    /// When it came, as time since the log began.
    at: Duration,
}

impl<E> Default for Asides<E> {
    fn default() -> Self {
        Self { kept: VecDeque::new(), count: 0, bytes: 0 }
    }
}

impl<E> Asides<E> {
    /// What a reader that comes now has not to be given any more.
    pub(crate) fn count(&self) -> u16 {
        self.count
    }

    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Adds one before the entry at `before`, and returns what is not kept any longer, for the caller to drop
    /// where nothing is locked.
    pub(crate) fn push(&mut self, entry: E, size: usize, before: u64, now: Duration) -> Vec<E> {
        self.kept.push_back(Aside { entry, size, before, at: now });
        self.count = self.count.wrapping_add(1);
        self.bytes += size;
        let mut gone = Vec::new();
        while self.kept.len() > 1 && self.is_over(now) {
            gone.extend(self.pop());
        }
        gone
    }

    fn is_over(&self, now: Duration) -> bool {
        let is_old = |aside: &Aside<E>| now.saturating_sub(aside.at) > AGE;
        self.kept.len() > MOST || self.bytes > BYTES || self.kept.front().is_some_and(is_old)
    }

    fn pop(&mut self) -> Option<E> {
        let Aside { entry, size, .. } = self.kept.pop_front()?;
        self.bytes -= size;
        Some(entry)
    }

    /// Takes out everything, for the caller to drop where nothing is locked.
    pub(crate) fn take(&mut self) -> Vec<E> {
        std::iter::from_fn(|| self.pop()).collect()
    }

    /// Those that a reader has not `seen`, oldest first, each with the count that it has seen with it.
    fn unseen(&self, seen: u16) -> impl Iterator<Item = (&Aside<E>, u16)> {
        let behind = usize::from(self.count.wrapping_sub(seen)).min(self.kept.len());
        let first = self.count.wrapping_sub(behind as u16);
        let unseen = self.kept.iter().skip(self.kept.len() - behind);
        unseen.enumerate().map(move |(at, aside)| (aside, first.wrapping_add(at as u16 + 1)))
    }

    /// What a reader is given that has `seen` so many and reads the entry at `cursor` next.
    pub(crate) fn next(&self, cursor: u64, seen: &mut u16) -> Option<E>
    where
        E: Clone,
    {
        if self.count == *seen {
            return None;
        }
        for (aside, with_it) in self.unseen(*seen) {
            if aside.before > cursor {
                return None;
            }
            *seen = with_it;
            // Who has gone by is given it no more: it would come out of its order.
            if aside.before == cursor {
                return Some(aside.entry.clone());
            }
        }
        *seen = self.count;
        None
    }

    /// Up to which entry of the log a reader may go at once that reads the one at `cursor` next.
    pub(crate) fn fence(&self, cursor: u64, seen: u16) -> u64 {
        let unseen = self.unseen(seen).map(|(aside, _)| aside.before);
        unseen.filter(|before| *before >= cursor).min().unwrap_or(u64::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asides(befores: impl IntoIterator<Item = u64>) -> Asides<u64> {
        let mut asides = Asides::default();
        for (at, before) in befores.into_iter().enumerate() {
            asides.push(at as u64, 1, before, Duration::ZERO);
        }
        asides
    }

    fn all(asides: &Asides<u64>, cursor: u64, seen: &mut u16) -> Vec<u64> {
        std::iter::from_fn(|| asides.next(cursor, seen)).collect()
    }

    #[test]
    fn each_comes_once_and_before_its_entry() {
        let asides = asides([1, 1, 3, 4]);
        let mut seen = 0;
        assert_eq!(all(&asides, 1, &mut seen), [0, 1]);
        assert_eq!(asides.fence(2, seen), 3);
        assert!(all(&asides, 2, &mut seen).is_empty());
        assert_eq!(all(&asides, 3, &mut seen), [2]);
        assert_eq!(all(&asides, 4, &mut seen), [3]);
        assert!(all(&asides, 4, &mut seen).is_empty());
        assert_eq!((seen, asides.fence(4, seen)), (asides.count(), u64::MAX));
    }

    #[test]
    fn who_has_gone_by_does_not_get_it() {
        let asides = asides([1, 2, 3]);
        let mut seen = 0;
        assert_eq!(all(&asides, 3, &mut seen), [2]);
    }

    #[test]
    fn a_reader_that_does_not_read_gets_the_newest_and_none_twice() {
        for ahead in [1, 64, 65, 65_535, 65_536, 65_537, 65_536 + 70] {
            let mut asides = asides([1]);
            let mut seen = 0;
            assert_eq!(all(&asides, 1, &mut seen), [0]);
            for value in 1..=ahead {
                asides.push(value, 1, 1, Duration::ZERO);
            }
            let given = all(&asides, 1, &mut seen);
            assert!(
                given.len() <= MOST && given.iter().all(|value| *value + 64 > ahead),
                "{ahead}"
            );
            assert!(given.is_sorted());
            assert_eq!(seen, asides.count());
        }
    }

    #[test]
    fn they_are_bounded_by_count_bytes_and_age() {
        let mut asides = asides(std::iter::repeat_n(1, 200));
        assert_eq!(asides.kept.len(), MOST);
        asides.push(0, BYTES, 1, Duration::ZERO);
        assert_eq!((asides.kept.len(), asides.bytes()), (1, BYTES));
        asides.push(0, 7, 1, AGE * 2);
        assert_eq!((asides.kept.len(), asides.bytes()), (1, 7));
        assert_eq!(asides.take().len(), 1);
        assert_eq!((asides.kept.len(), asides.bytes()), (0, 0));
    }
}
