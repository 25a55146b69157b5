//! Wakers of tasks that wait: where one is kept, and how they are woken.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::task::Waker;

/// Room for the waker of one task.
#[derive(Debug, Default)]
pub(crate) struct WakerSlot(Option<Waker>);

impl WakerSlot {
    /// Keeps the waker of `task`, in place of another. May be called under a lock: neither clone nor drop of a
    /// task's waker runs code that could ask for that lock.
    pub(crate) fn set(&mut self, task: &Waker) {
        match &mut self.0 {
            // Not cloned where it is the same task's.
            Some(waker) => waker.clone_from(task),
            none => *none = Some(task.clone()),
        }
    }

    /// The waker, to be woken or dropped where nothing is locked.
    #[must_use = "a task that waits is to be woken"]
    pub(crate) fn take(&mut self) -> Option<Waker> {
        self.0.take()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    /// Whether it is known to hold the waker of `task`.
    pub(crate) fn holds(&self, task: &Waker) -> bool {
        self.0.as_ref().is_some_and(|waker| waker.will_wake(task))
    }
}

/// Wakes all, where nothing is locked: a waker may run any code. One that panics keeps no other from being woken.
pub(crate) fn wake_all(wakers: impl IntoIterator<Item = Waker>) {
    let mut rest = Rest(wakers.into_iter());
    for waker in &mut rest.0 {
        waker.wake();
    }
}

/// Wakers that are still to be woken.
struct Rest<I: Iterator<Item = Waker>>(I);

impl<I: Iterator<Item = Waker>> Drop for Rest<I> {
    /// Empty, unless a waker has panicked: the panic goes on once the rest is woken.
    fn drop(&mut self) {
        for waker in &mut self.0 {
            // A second panic while the first unwinds would end the process.
            let _ = catch_unwind(AssertUnwindSafe(|| waker.wake()));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};
    use std::task::Wake;

    use super::*;

    struct Count {
        wakes: AtomicU32,
        panics: bool,
    }

    impl Count {
        fn new(panics: bool) -> Arc<Self> {
            Arc::new(Self { wakes: AtomicU32::new(0), panics })
        }

        fn wakes(&self) -> u32 {
            self.wakes.load(Ordering::Relaxed)
        }
    }

    impl Wake for Count {
        fn wake(self: Arc<Self>) {
            self.wakes.fetch_add(1, Ordering::Relaxed);
            assert!(!self.panics, "a waker that panics");
        }
    }

    #[test]
    fn a_slot_keeps_the_waker_of_the_task_that_came_last() {
        let (first, second) = (Count::new(false), Count::new(false));
        let wakers = [Arc::clone(&first).into(), Arc::clone(&second).into()];
        let mut slot = WakerSlot::default();
        assert!(slot.is_empty());
        wakers.iter().for_each(|waker| slot.set(waker));
        assert!(slot.holds(&wakers[1]) && !slot.holds(&wakers[0]));
        wake_all(slot.take());
        assert_eq!((first.wakes(), second.wakes()), (0, 1));
        assert!(slot.is_empty());
    }

    #[test]
    fn wakers_that_panic_keep_no_other_from_being_woken() {
        let counts = [true, false, true, false].map(Count::new);
        let wakers = counts.clone().map(Waker::from);
        let woken = catch_unwind(AssertUnwindSafe(|| wake_all(wakers)));
        assert!(woken.is_err(), "the first panic goes on");
        assert_eq!(counts.map(|count| count.wakes()), [1; 4]);
    }
}
