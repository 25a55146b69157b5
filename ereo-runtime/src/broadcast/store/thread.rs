//! The thread that has a store's connections or its file, and how it ends: with the last handle, which waits for what is on
//! its way.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc as blocking;
use std::thread::{self, ThreadId};
use std::time::Duration;

use tokio::runtime::Runtime;
use tokio::sync::Notify;
use tokio::time::timeout;
use tokio_util::task::TaskTracker;

use crate::sync::{Arc, Mutex, lock};

/// How long the last handle waits for what is on its way.
const FLUSH: Duration = Duration::from_secs(5);

/// A running thread. What the store's and its sets' handles share has it last, behind the way to it: dropped, it waits for
/// what is on its way, unless a mirror was the last to let go of a set.
pub(super) struct StoreThread {
    id: ThreadId,
    end: Arc<End>,
    ended: Mutex<blocking::Receiver<()>>,
}

impl StoreThread {
    /// Runs what `serve` makes on a thread of this name, until that is over.
    pub(super) fn spawn<F: Future<Output = ()>>(
        name: &str,
        runtime: Runtime,
        serve: impl FnOnce(Arc<End>) -> F + Send + 'static,
    ) -> io::Result<Self> {
        let (ends, ended) = blocking::channel();
        let end = Arc::new(End::default());
        let of_thread = Arc::clone(&end);
        let thread = thread::Builder::new().name(name.to_owned()).spawn(move || {
            runtime.block_on(serve(of_thread));
            // With it the mirrors end that are still there.
            drop(runtime);
            drop(ends);
        })?;
        Ok(Self { id: thread.thread().id(), end, ended: Mutex::new(ended) })
    }
}

impl Drop for StoreThread {
    fn drop(&mut self) {
        self.end.begin();
        if thread::current().id() != self.id {
            // The thread ends in that time: a second is for its own.
            let _ = lock(&self.ended).recv_timeout(FLUSH + Duration::from_secs(1));
        }
    }
}

/// The end of a thread, from the last handle's on.
#[derive(Default)]
pub(super) struct End {
    has_begun: AtomicBool,
    begins: Notify,
}

impl End {
    fn begin(&self) {
        self.has_begun.store(true, Ordering::Relaxed);
        self.begins.notify_one();
    }

    /// Whether only mirrors are left, to place what is held: what fails now has failed.
    #[cfg_attr(not(feature = "sqlite"), allow(dead_code, reason = "a server is asked again"))]
    pub(super) fn has_begun(&self) -> bool {
        self.has_begun.load(Ordering::Relaxed)
    }

    /// Waits for the end, and then until the mirrors have placed what they have.
    pub(super) async fn flush(&self, mirrors: &TaskTracker) {
        self.begins.notified().await;
        mirrors.close();
        if timeout(FLUSH, mirrors.wait()).await.is_err() {
            tracing::error!("the store did not take all that was broadcast before the end");
        }
    }
}
