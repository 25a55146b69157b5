//! The chain of a log's epochs: where each has ended, and which positions are good.
//!
//! An epoch is a stretch of one order. A log in memory has one. A store outlives the process and may come back
//! older than it was: what was appended behind that is forgotten, and its offsets are given out anew. So
//! whoever appends after the store may have gone back notes where the epoch before has ended, and begins
//! another: a position behind that end was of a message that is forgotten, and its reader is told; all others
//! go on. `tests::epochs` walks every short history of stores that go back.

#![cfg_attr(
    not(any(feature = "redis", feature = "sqlite")),
    allow(dead_code, reason = "a chain of more than one is a store's, and none of them is on")
)]

use super::position::{Epoch, Position};
use super::window::{Gap, Window};

/// How many epochs that have ended are known. A position from before them is told as one of another life.
const MOST: usize = 32;

/// The epochs of a log in their order; the last one goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Epochs {
    ended: Vec<Stretch>,
    current: Epoch,
}

/// An epoch that has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stretch {
    pub(crate) epoch: Epoch,
    /// Offset of its last message.
    pub(crate) end: u64,
}

impl Epochs {
    pub(crate) const fn new(epoch: Epoch) -> Self {
        Self { ended: Vec::new(), current: epoch }
    }

    /// The current one ends at `end`, the newest message that is kept anywhere, and `epoch` begins.
    pub(crate) fn begin(&mut self, epoch: Epoch, end: u64) {
        let before = std::mem::replace(&mut self.current, epoch);
        self.ended.push(Stretch { epoch: before, end });
        if self.ended.len() > MOST {
            self.ended.remove(0);
        }
    }

    /// Those that have ended, in their order.
    #[cfg(any(test, feature = "sqlite"))]
    pub(crate) fn ended(&self) -> &[Stretch] {
        &self.ended
    }

    /// The one that goes on.
    pub(crate) fn current(&self) -> Epoch {
        self.current
    }

    /// Whether it is one of them.
    pub(crate) fn has(&self, epoch: Epoch) -> bool {
        self.current == epoch || self.ended.iter().any(|stretch| stretch.epoch == epoch)
    }

    /// The epoch of the message at `offset`, or of the place before the first.
    pub(crate) fn of(&self, offset: u64) -> Epoch {
        let ended = self.ended.iter().find(|stretch| offset <= stretch.end);
        ended.map_or(self.current, |stretch| stretch.epoch)
    }

    /// The cursor behind `last` in a log that keeps this, or why there is none.
    pub(crate) fn resume(&self, last: Position, kept: Window) -> Result<u64, Gap> {
        let newest = kept.next - 1;
        let ended = self.ended.iter().find(|stretch| stretch.epoch == last.epoch());
        let end = match ended {
            Some(stretch) => stretch.end.min(newest),
            None if last.epoch() == self.current => newest,
            None => return Err(Gap::Unknown),
        };
        if last.offset() > end { Err(Gap::Unknown) } else { kept.behind(last.offset()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_position_is_good_up_to_where_its_epoch_has_ended() {
        let [a, b, c] = [1, 2, 3].map(Epoch::from_bits);
        let mut epochs = Epochs::new(a);
        epochs.begin(b, 3);
        // Nothing was appended in between.
        epochs.begin(c, 3);
        let kept = Window { oldest: 2, next: 6 };
        let resume = |epoch, offset| epochs.resume(Position::new(epoch, offset), kept);
        assert_eq!(resume(a, 3), Ok(4));
        assert_eq!(resume(a, 4), Err(Gap::Unknown));
        assert_eq!(resume(a, 0), Err(Gap::Expired { missed: 5 }));
        assert_eq!(resume(b, 4), Err(Gap::Unknown));
        assert_eq!(resume(c, 5), Ok(6));
        assert_eq!(resume(c, 6), Err(Gap::Unknown));
        assert_eq!(resume(Epoch::from_bits(4), 5), Err(Gap::Unknown));
        assert_eq!([0, 3, 4].map(|offset| epochs.of(offset)), [a, a, c]);
    }

    #[test]
    fn so_many_are_known_and_no_more() {
        let mut epochs = Epochs::new(Epoch::from_bits(1));
        for n in 0..2 * MOST as u64 {
            epochs.begin(Epoch::from_bits(2 + n), n);
        }
        assert_eq!(epochs.ended().len(), MOST);
        assert_eq!(epochs.current(), Epoch::from_bits(1 + 2 * MOST as u64));
    }
}
