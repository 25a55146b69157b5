//! The number of a set's clients: a number, and a value to wait on once somebody wants to.

use tokio::sync::watch;

use super::rounds::Rounds;
use crate::sync::{Mutex, lock};

/// A watch is several times as large as all else of a small room, hence made on demand.
#[derive(Default)]
pub(crate) struct Clients {
    state: Mutex<State>,
    /// Which of them are still to be there.
    pub(super) rounds: Rounds,
}

#[derive(Default)]
struct State {
    count: usize,
    watch: Option<watch::Sender<usize>>,
}

impl Clients {
    pub(crate) fn len(&self) -> usize {
        lock(&self.state).count
    }

    pub(super) fn watch(&self) -> watch::Receiver<usize> {
        let mut state = lock(&self.state);
        let count = state.count;
        state.watch.get_or_insert_with(|| watch::Sender::new(count)).subscribe()
    }

    pub(super) fn join(&self) {
        self.try_join(usize::MAX);
    }

    /// Joins if fewer than `most` are there.
    pub(super) fn try_join(&self, most: usize) -> bool {
        self.change(|count| if count < most { count + 1 } else { count })
    }

    pub(super) fn leave(&self) {
        self.change(|count| count - 1);
    }

    /// Whether it is another number now.
    fn change(&self, change: impl FnOnce(usize) -> usize) -> bool {
        let mut state = lock(&self.state);
        let before = state.count;
        state.count = change(before);
        let changed = state.count != before;
        let watch = state.watch.clone().filter(|_| changed);
        drop(state);
        let Some(watch) = watch else { return changed };
        // It wakes those who wait: not under the lock. The number is looked up once more, in the order
        // in which the watch is written, so that the newest is what stays in it.
        watch.send_if_modified(|seen| {
            let count = self.len();
            std::mem::replace(seen, count) != count
        });
        changed
    }
}
