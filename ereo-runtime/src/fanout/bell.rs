//! The waker of a relay, which learns from which thread it was used.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Wake, Waker};
use std::thread::{self, ThreadId};

/// The waker that a relay leaves in the log: its task's, and it remembers whether another thread used
/// it.
#[derive(Debug)]
pub(super) struct Bell {
    task: Waker,
    home: ThreadId,
    from_afar: AtomicBool,
}

impl Bell {
    /// Of a task of this thread.
    pub(super) fn new(task: &Waker) -> Arc<Self> {
        let home = thread::current().id();
        Arc::new(Self { task: task.clone(), home, from_afar: AtomicBool::new(false) })
    }

    /// Whether another thread has rung since this was last silenced.
    pub(super) fn was_rung_from_afar(&self) -> bool {
        // It decides how long to wait for more, and nothing else.
        self.from_afar.load(Ordering::Relaxed)
    }

    pub(super) fn silence(&self) {
        self.from_afar.store(false, Ordering::Relaxed);
    }
}

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        if thread::current().id() != self.home {
            self.from_afar.store(true, Ordering::Relaxed);
        }
        self.task.wake_by_ref();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_another_thread_rings_from_afar() {
        let bell = Bell::new(Waker::noop());
        let waker = Waker::from(Arc::clone(&bell));
        waker.wake_by_ref();
        assert!(!bell.was_rung_from_afar());
        thread::scope(|scope| scope.spawn(|| waker.wake_by_ref()).join()).expect("it only wakes");
        assert!(bell.was_rung_from_afar());
        bell.silence();
        assert!(!bell.was_rung_from_afar());
    }

    #[test]
    fn it_wakes_the_task_from_wherever_it_is_rung() {
        struct Count(std::sync::atomic::AtomicUsize);
        impl Wake for Count {
            fn wake(self: Arc<Self>) {
                self.0.fetch_add(1, Ordering::Relaxed);
            }
        }
        let count = Arc::new(Count(0.into()));
        let waker = Waker::from(Bell::new(&Waker::from(Arc::clone(&count))));
        waker.wake_by_ref();
        thread::spawn(|| waker.wake()).join().expect("it only wakes");
        assert_eq!(count.0.load(Ordering::Relaxed), 2);
    }
}
