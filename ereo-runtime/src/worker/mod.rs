//! Things that the connections of one thread of a server share, so that each has little of its own: the tasks
//! that they run in, a clock that wakes them, and for taken-over connections the kernel's queue of sockets.
//!
//! Each is a task of its thread and a list. They begin with the first connection that needs them and end
//! behind the last.

mod alarm;
mod clock;
mod executor;
#[cfg(all(target_os = "linux", feature = "direct-writes"))]
mod poller;
mod thread_bound;

use std::sync::{Arc, Weak};
use std::thread::{self, ThreadId};

use tokio_util::sync::CancellationToken;

use crate::sync::{Mutex, lock};
use clock::Clock;

pub(crate) use alarm::Alarm;
pub(crate) use executor::{Executor, Executors, WakeToken};
#[cfg(all(target_os = "linux", feature = "direct-writes"))]
pub(crate) use poller::{PolledSocket, Poller};

/// Those of one server, by thread.
#[derive(Debug)]
pub(super) struct Workers {
    draining: CancellationToken,
    threads: Mutex<Vec<Worker>>,
}

#[derive(Debug)]
struct Worker {
    thread: ThreadId,
    clock: Weak<Clock>,
    #[cfg(all(target_os = "linux", feature = "direct-writes"))]
    poller: Weak<Poller>,
}

impl Worker {
    fn new(thread: ThreadId) -> Self {
        Self {
            thread,
            clock: Weak::new(),
            #[cfg(all(target_os = "linux", feature = "direct-writes"))]
            poller: Weak::new(),
        }
    }
}

impl Workers {
    pub(super) fn new(draining: CancellationToken) -> Self {
        Self { draining, threads: Mutex::default() }
    }

    /// Does `find` with what is known of this thread.
    fn here<R>(&self, find: impl FnOnce(&mut Worker) -> R) -> R {
        let here = thread::current().id();
        let mut threads = lock(&self.threads);
        let known = threads.iter().position(|worker| worker.thread == here);
        let index = known.unwrap_or_else(|| {
            threads.push(Worker::new(here));
            threads.len() - 1
        });
        find(&mut threads[index])
    }

    /// An alarm by this thread's clock.
    pub(super) fn alarm(&self) -> Alarm {
        let clock = self.here(|worker| worker.clock.upgrade());
        let clock = clock.unwrap_or_else(|| {
            let clock = Clock::start(self.draining.clone());
            self.here(|worker| worker.clock = Arc::downgrade(&clock));
            clock
        });
        Alarm::by(clock)
    }

    /// This thread's queue of sockets.
    ///
    /// # Errors
    /// An error of the system, such as that no descriptor is left.
    #[cfg(all(target_os = "linux", feature = "direct-writes"))]
    pub(crate) fn poller(&self) -> std::io::Result<Arc<Poller>> {
        if let Some(poller) = self.here(|worker| worker.poller.upgrade()) {
            return Ok(poller);
        }
        let poller = Poller::start()?;
        self.here(|worker| worker.poller = Arc::downgrade(&poller));
        Ok(poller)
    }
}

#[cfg(test)]
mod tests;
