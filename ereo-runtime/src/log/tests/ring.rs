//! Every short history of a log and its readers, walked and held against a naive specification.
//!
//! The specification remembers all that was ever published and says by definition what is kept: the
//! longest run of newest entries within every limit, that of the count being one for entries that are not
//! young. Nothing in it is incremental.

use std::ops::Range;
use std::time::Duration;

use crate::log::ring::{Limits, Log, Read};
use crate::log::window::{Gap, Window};

const UNBOUNDED: Limits =
    Limits { count: usize::MAX, young: Duration::ZERO, bytes: usize::MAX, age: None };

const SMALL: usize = 1;
const BIG: usize = 3;

#[derive(Debug, Clone, Copy)]
enum Op {
    Publish(usize),
    /// Time goes on.
    Tick,
    SubscribeFresh,
    SubscribeBehind(u64),
    Read(usize),
    Drop(usize),
}

/// Where a reader that was overtaken goes on.
#[derive(Debug, Clone, Copy)]
enum Skip {
    Oldest,
    Latest,
}

#[derive(Debug, Clone)]
struct Published {
    size: usize,
    at: Duration,
}

/// A reader, and the last offset that it has got or was told it misses: nothing before is open.
#[derive(Debug, Clone)]
struct Reader {
    cursor: u64,
    settled: u64,
}

#[derive(Clone)]
struct World {
    limits: Limits,
    skip: Skip,
    max_readers: usize,
    log: Log<u64>,
    now: Duration,
    /// When the log was last told the time.
    told: Duration,
    published: Vec<Published>,
    /// Offsets that were read behind the history, and the time that the log was told last before.
    behind: Vec<(u64, Duration)>,
    readers: Vec<Reader>,
}

impl World {
    fn new(limits: Limits, skip: Skip, max_readers: usize) -> Self {
        Self {
            limits,
            skip,
            max_readers,
            log: Log::new(limits),
            now: Duration::ZERO,
            told: Duration::ZERO,
            published: Vec::new(),
            behind: Vec::new(),
            readers: Vec::new(),
        }
    }

    fn last(&self) -> u64 {
        self.published.len() as u64
    }

    /// What must be kept, as offsets.
    fn kept(&self) -> Range<u64> {
        let next = self.last() + 1;
        let fits = |from: &u64| {
            let run = &self.published[*from as usize - 1..];
            let young = run.first().is_none_or(|oldest| self.told - oldest.at < self.limits.young);
            (run.len() <= self.limits.count || young || *from >= self.first_behind())
                && run.iter().map(|entry| entry.size).sum::<usize>() <= self.limits.bytes
                && run
                    .iter()
                    .all(|entry| self.limits.age.is_none_or(|age| self.told - entry.at <= age))
        };
        (1..=next).find(fits).expect("the empty run fits")..next
    }

    /// The first offset that a reader behind the history has read in this period or in the one before.
    fn first_behind(&self) -> u64 {
        let period = |at: Duration| at.as_nanos() / self.limits.young.as_nanos().max(1);
        let lately = |at: Duration| period(self.told) - period(at) <= 1;
        let behind = self.behind.iter().filter(|(_, at)| lately(*at)).map(|(offset, _)| *offset);
        behind.min().unwrap_or(u64::MAX)
    }

    /// What a reader may come back for.
    fn history(&self) -> Range<u64> {
        let Range { start, end } = self.kept();
        start.max(end.saturating_sub(self.limits.count as u64))..end
    }

    fn ops(&self) -> Vec<Op> {
        let mut ops = vec![Op::Publish(SMALL), Op::Publish(BIG)];
        if self.limits.age.is_some() || self.limits.count < usize::MAX {
            ops.push(Op::Tick);
        }
        if self.readers.len() < self.max_readers {
            ops.push(Op::SubscribeFresh);
            // The last of them is a position that was never given out.
            ops.extend((0..=self.last() + 1).map(Op::SubscribeBehind));
        }
        ops.extend((0..self.readers.len()).flat_map(|reader| [Op::Read(reader), Op::Drop(reader)]));
        ops
    }

    fn apply(&mut self, op: Op) {
        match op {
            Op::Publish(size) => self.publish(size),
            Op::Tick => self.now += Duration::from_secs(1),
            Op::SubscribeFresh => {
                let cursor = self.window().next;
                self.readers.push(Reader { cursor, settled: self.last() });
            }
            Op::SubscribeBehind(offset) => self.subscribe_behind(offset),
            Op::Read(reader) => self.read(reader),
            Op::Drop(reader) => drop(self.readers.remove(reader)),
        }
        let range = |Window { oldest, next }| oldest..next;
        assert_eq!(range(self.log.window()), self.kept(), "what is kept");
        assert_eq!(range(self.log.history()), self.history(), "what is kept for who comes back");
    }

    fn publish(&mut self, size: usize) {
        let before = self.kept();
        let offset = self.log.window().next;
        let gone = self.log.append(offset, size, self.now);
        self.published.push(Published { size, at: self.now });
        self.told = self.now;
        assert_eq!(offset, self.last(), "offsets rise by one");
        assert!(self.kept().contains(&offset), "the newest is kept");
        let fell_out: Vec<_> = (before.start..self.kept().start).collect();
        assert_eq!(gone, fell_out, "what fell out, oldest first");
    }

    fn window(&mut self) -> Window {
        let before = self.kept();
        let gone = self.log.expire(self.now);
        self.told = self.now;
        let fell_out: Vec<_> = (before.start..self.kept().start).collect();
        assert_eq!(gone, fell_out, "what became too old, oldest first");
        self.log.history()
    }

    fn subscribe_behind(&mut self, offset: u64) {
        let resumed = self.window().behind(offset);
        let open = offset + 1..self.last() + 1;
        if offset > self.last() {
            assert_eq!(resumed, Err(Gap::Unknown));
        } else if open.clone().all(|offset| self.history().contains(&offset)) {
            assert_eq!(resumed, Ok(open.start));
            self.readers.push(Reader { cursor: open.start, settled: offset });
        } else {
            let missed = open.count() as u64;
            assert_eq!(resumed, Err(Gap::Expired { missed }));
        }
    }

    fn read(&mut self, index: usize) {
        let (kept, last) = (self.kept(), self.last());
        let cursor = self.readers[index].cursor;
        if kept.contains(&cursor) && cursor < self.history().start {
            self.behind.push((cursor, self.told));
        }
        let reader = &mut self.readers[index];
        let wanted = reader.settled + 1;
        match self.log.read(reader.cursor) {
            Read::Entry(offset) => {
                assert_eq!(offset, wanted, "in order, exactly once");
                assert!(kept.contains(&offset));
                *reader = Reader { cursor: offset + 1, settled: offset };
            }
            Read::Unreadable(_) => unreachable!("everything can be read"),
            Read::CaughtUp => assert_eq!(reader.settled, last, "nothing is left unread"),
            Read::Lagged(window) => {
                assert!(wanted < kept.start, "what is kept is not called lost");
                let (cursor, missing) = match self.skip {
                    Skip::Oldest => (window.oldest, wanted..kept.start),
                    Skip::Latest => {
                        (window.latest(), wanted..if kept.is_empty() { kept.end } else { last })
                    }
                };
                assert_eq!(cursor - reader.cursor, missing.clone().count() as u64, "missed");
                *reader = Reader { cursor, settled: missing.end - 1 };
            }
        }
    }
}

/// Walks every history of up to `depth` operations.
fn walk(world: &World, depth: usize, history: &mut Vec<Op>) {
    let Some(depth) = depth.checked_sub(1) else { return };
    for op in world.ops() {
        let mut world = world.clone();
        history.push(op);
        let told = Told(history);
        world.apply(op);
        walk(&world, depth, told.0);
        told.0.pop();
    }
}

/// Says after which operations an assertion failed.
struct Told<'a>(&'a mut Vec<Op>);

impl Drop for Told<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() && !self.0.is_empty() {
            eprintln!("after {:?}", std::mem::take(self.0));
        }
    }
}

fn walk_all(limits: Limits) {
    // Readers know nothing of each other, so one of them may go deeper than two.
    for (max_readers, depth) in [(1, 7), (2, 5)] {
        for skip in [Skip::Oldest, Skip::Latest] {
            walk(&World::new(limits, skip, max_readers), depth, &mut Vec::new());
        }
    }
}

#[test]
fn every_short_history_bounded_by_count() {
    for count in 1..=3 {
        walk_all(Limits { count, ..UNBOUNDED });
    }
}

#[test]
fn every_short_history_in_which_a_burst_is_kept_for_a_moment() {
    for (count, bytes) in [(1, usize::MAX), (2, usize::MAX), (1, BIG + SMALL)] {
        walk_all(Limits { count, bytes, young: Duration::from_secs(1), age: None });
    }
}

#[test]
fn every_short_history_bounded_by_bytes() {
    for bytes in [BIG, BIG + SMALL] {
        walk_all(Limits { bytes, ..UNBOUNDED });
    }
}

#[test]
fn every_short_history_bounded_by_age() {
    for age in [0, 1] {
        let age = Some(Duration::from_secs(age));
        walk_all(Limits { age, ..UNBOUNDED });
    }
}

#[test]
fn every_short_history_bounded_by_all() {
    for young in [0, 1].map(Duration::from_secs) {
        let age = Some(Duration::from_secs(1));
        walk_all(Limits { count: 2, young, bytes: BIG + SMALL, age });
    }
}
