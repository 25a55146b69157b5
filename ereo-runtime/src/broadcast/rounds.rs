//! All readers of a set that are there at one moment, without a list of them.
//!
//! A reader joins in a round, which [`Rounds::end`] ends for all who are there: it compares numbers when it has
//! looked at the log, and that is all that the many pay who are never told to go.

use std::collections::VecDeque;
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU32, Ordering};

use crate::ending::Ending;
use crate::sync::{Mutex, lock};

/// How a reader's end was told.
#[derive(Debug, Clone)]
pub(crate) struct Told {
    pub(crate) ending: Ending,
    /// Offset of the first message that it does not get any more.
    pub(crate) until: u64,
}

/// So many of the last ends are known. A reader that has not looked since an older one ends with the oldest.
const KEPT: usize = 4;

/// See the module.
#[derive(Default)]
pub(super) struct Rounds {
    /// How many have ended. Changed under the lock; no process ends as many as there are numbers.
    ended: AtomicU32,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// How many are there of the round that goes on.
    readers: usize,
    /// Where one ever has.
    told: Option<Box<Last>>,
}

/// How the last have ended, the newest at the back.
#[derive(Default)]
struct Last(VecDeque<Told>);

/// Names a round.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Round(NonZeroU32);

impl Rounds {
    /// The one that goes on. Whoever asks behind a look at the log, which a later message was appended to, sees
    /// the end that was told before that message.
    #[inline]
    pub(super) fn current(&self) -> Round {
        Round(NonZeroU32::MIN.saturating_add(self.ended.load(Ordering::Acquire)))
    }

    pub(super) fn join(&self) -> Round {
        let mut state = lock(&self.state);
        state.readers += 1;
        self.current()
    }

    pub(super) fn leave(&self, round: Round) {
        let mut state = lock(&self.state);
        if round == self.current() {
            state.readers -= 1;
        }
    }

    /// Ends the round for all who are there, and says how many these are. They are to be woken.
    pub(super) fn end(&self, told: Told) -> usize {
        let mut state = lock(&self.state);
        let Last(kept) = &mut **state.told.get_or_insert_default();
        let oldest = if kept.len() == KEPT { kept.pop_front() } else { None };
        kept.push_back(told);
        self.ended.fetch_add(1, Ordering::Release);
        let readers = std::mem::take(&mut state.readers);
        drop(state);
        drop(oldest);
        readers
    }

    /// How many are there of the round that goes on.
    pub(super) fn readers(&self) -> usize {
        lock(&self.state).readers
    }

    /// How `round` has ended.
    pub(super) fn told(&self, round: Round) -> Option<Told> {
        let state = lock(&self.state);
        let Last(told) = state.told.as_deref()?;
        let ago = self.current().0.get() - round.0.get();
        let at = told.len().saturating_sub(ago as usize);
        told.get(at).cloned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(until: u64) -> Told {
        Told { ending: Ending::code(4000, "go"), until }
    }

    #[test]
    fn who_is_there_is_told_once_and_who_comes_later_is_not() {
        let rounds = Rounds::default();
        let (early, gone) = (rounds.join(), rounds.join());
        assert_eq!(early, rounds.current());
        assert!(rounds.told(early).is_none());
        rounds.leave(gone);
        assert_eq!(rounds.end(told(7)), 1);
        let late = rounds.join();
        assert_ne!(early, rounds.current());
        assert_eq!(late, rounds.current());
        // It has not left yet, and is not told twice; nor does it take the other's place.
        rounds.leave(early);
        assert_eq!(rounds.end(told(9)), 1);
        assert_eq!(rounds.end(told(11)), 0);
        let until = |round| rounds.told(round).map(|told| told.until);
        assert_eq!((until(early), until(late)), (Some(7), Some(9)));
    }

    #[test]
    fn a_few_of_the_last_ends_are_kept() {
        let rounds = Rounds::default();
        let first = rounds.join();
        for until in 1..=10 {
            rounds.end(told(until));
        }
        assert_eq!(rounds.told(first).map(|told| told.until), Some(7));
        assert_eq!(lock(&rounds.state).told.as_ref().map(|told| told.0.len()), Some(KEPT));
    }
}
