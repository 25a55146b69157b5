//! How many clients a set has: a number, and a value to wait on once somebody wants to.

use tokio::sync::watch;

use crate::sync::{Mutex, lock};

/// A watch is several times as large as all else of a small room, hence made on demand.
#[derive(Default)]
pub(super) struct Clients(Mutex<State>);

#[derive(Default)]
struct State {
    count: usize,
    watch: Option<watch::Sender<usize>>,
}

impl Clients {
    pub(super) fn len(&self) -> usize {
        lock(&self.0).count
    }

    pub(super) fn watch(&self) -> watch::Receiver<usize> {
        let mut state = lock(&self.0);
        let count = state.count;
        state.watch.get_or_insert_with(|| watch::Sender::new(count)).subscribe()
    }

    pub(super) fn join(&self) {
        self.change(|count| count + 1);
    }

    pub(super) fn leave(&self) {
        self.change(|count| count - 1);
    }

    fn change(&self, change: impl FnOnce(usize) -> usize) {
        let mut state = lock(&self.0);
        state.count = change(state.count);
        let watch = state.watch.clone();
        drop(state);
        let Some(watch) = watch else { return };
        // It wakes those who wait: not under the lock. The number is looked up once more, in the order
        // in which the watch is written, so that the newest is what stays in it.
        watch.send_if_modified(|seen| {
            let count = self.len();
            std::mem::replace(seen, count) != count
        });
    }
}
