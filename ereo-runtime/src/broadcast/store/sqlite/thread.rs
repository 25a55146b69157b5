//! The thread that has the file: it runs the mirrors of the file's logs and does what they ask for, as much as has
//! come in one transaction.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc as blocking;
use std::thread::{self, ThreadId};
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use tokio::runtime::{self, Handle};
use tokio::sync::{Notify, mpsc, oneshot};
use tokio::task::yield_now;
use tokio::time::timeout;
use tokio_util::task::TaskTracker;

use super::file::File;
use crate::broadcast::store::{Appended, Batch, From, Limit, LogKey, Page, Store, StoreError};
use crate::sync::{Arc, Mutex, lock};

/// So many appends are one transaction at the most.
const GROUP: usize = 1024;

/// How long the last handle waits for what is on its way.
const FLUSH: Duration = Duration::from_secs(5);

type Answer<R> = oneshot::Sender<Result<R, StoreError>>;

/// Of each log one at a time: its mirror waits for the answer.
enum Request {
    Append(LogKey, Batch, Answer<Appended>),
    Read(LogKey, From, Limit, Answer<Page>),
    #[cfg(test)]
    Tamper(Box<dyn FnOnce(&mut File) + Send>),
}

/// The way to the thread. What is left of a set may have this longer than the thread goes on: then it has ended.
struct Link {
    requests: mpsc::UnboundedSender<Request>,
    runtime: Handle,
    mirrors: TaskTracker,
}

/// What the store's and its sets' handles share.
pub(super) struct Owner {
    link: Option<Arc<Link>>,
    thread: ThreadId,
    ending: Arc<Shutdown>,
    ended: Mutex<blocking::Receiver<()>>,
}

impl Owner {
    pub(super) fn start(file: File) -> io::Result<Self> {
        let runtime = runtime::Builder::new_current_thread().enable_time().build()?;
        let (requests, asked) = mpsc::unbounded_channel();
        let mirrors = TaskTracker::new();
        let link = Link { requests, runtime: runtime.handle().clone(), mirrors: mirrors.clone() };
        let (ends, ended) = blocking::channel();
        let ending = Arc::new(Shutdown::default());
        let end = Arc::clone(&ending);
        let thread = thread::Builder::new().name("ereo-sqlite".to_owned()).spawn(move || {
            runtime.block_on(async {
                tokio::select! {
                    () = serve(file, asked, &end.has_begun) => {}
                    () = end.flush(&mirrors) => {}
                }
            });
            // With it the mirrors end that are still there.
            drop(runtime);
            drop(ends);
        })?;
        let thread = thread.thread().id();
        Ok(Self { link: Some(Arc::new(link)), thread, ending, ended: Mutex::new(ended) })
    }

    pub(super) fn store(&self) -> Arc<dyn Store> {
        let link = self.link.as_ref().expect("taken when it is dropped");
        Arc::clone(link) as _
    }

    #[cfg(test)]
    pub(super) fn tamper(&self, with: Box<dyn FnOnce(&mut File) + Send>) {
        let link = self.link.as_ref().expect("taken when it is dropped");
        drop(link.requests.send(Request::Tamper(with)));
    }
}

/// Waits for what is on its way, unless a mirror was the last to let go of a set.
impl Drop for Owner {
    fn drop(&mut self) {
        let Some(link) = self.link.take() else { return };
        drop(link);
        self.ending.begin();
        if thread::current().id() != self.thread {
            // The thread ends in that time: a second is for its own.
            let _ = lock(&self.ended).recv_timeout(FLUSH + Duration::from_secs(1));
        }
    }
}

/// The end of the thread, from the last handle's on.
#[derive(Default)]
struct Shutdown {
    /// Whether only mirrors are left, to place what is held: what fails now has failed.
    has_begun: AtomicBool,
    begins: Notify,
}

impl Shutdown {
    fn begin(&self) {
        self.has_begun.store(true, Ordering::Relaxed);
        self.begins.notify_one();
    }

    /// Waits for the end, and then until the mirrors have placed what they have.
    async fn flush(&self, mirrors: &TaskTracker) {
        self.begins.notified().await;
        mirrors.close();
        if timeout(FLUSH, mirrors.wait()).await.is_err() {
            tracing::error!("the store did not take all that was broadcast before the end");
        }
    }
}

impl Link {
    fn ask<R: Send + 'static>(
        &self,
        request: impl FnOnce(Answer<R>) -> Request,
    ) -> BoxFuture<'static, Result<R, StoreError>> {
        let (answer, answered) = oneshot::channel();
        let is_sent = self.requests.send(request(answer)).is_ok();
        async move {
            if !is_sent {
                return Err(StoreError::Ended);
            }
            answered.await.unwrap_or(Err(StoreError::Ended))
        }
        .boxed()
    }
}

impl Store for Link {
    fn append(
        &self,
        log: &LogKey,
        batch: Batch,
    ) -> BoxFuture<'static, Result<Appended, StoreError>> {
        self.ask(|answer| Request::Append(log.clone(), batch, answer))
    }

    fn read(
        &self,
        log: &LogKey,
        from: From,
        limit: Limit,
    ) -> BoxFuture<'static, Result<Page, StoreError>> {
        self.ask(|answer| Request::Read(log.clone(), from, limit, answer))
    }

    fn spawn(&self, task: BoxFuture<'static, ()>) {
        self.mirrors.spawn_on(task, &self.runtime);
    }
}

async fn serve(
    mut file: File,
    mut asked: mpsc::UnboundedReceiver<Request>,
    is_ending: &AtomicBool,
) {
    while let Some(first) = asked.recv().await {
        // The other mirrors have their turn, and add what they have.
        yield_now().await;
        let mut group = Vec::new();
        let mut next = Some(first);
        while let Some(request) = next {
            match request {
                Request::Append(log, batch, answer) => group.push((log, batch, answer)),
                Request::Read(log, from, limit, answer) => {
                    let page = file.read(&log, from, limit).map_err(StoreError::failed);
                    let _ = answer.send(page);
                }
                #[cfg(test)]
                Request::Tamper(with) => with(&mut file),
            }
            next = (group.len() < GROUP).then(|| asked.try_recv().ok()).flatten();
        }
        append(&mut file, group, is_ending.load(Ordering::Relaxed));
    }
}

/// All of them or none: what failed is tried again by its mirror.
fn append(file: &mut File, group: Vec<(LogKey, Batch, Answer<Appended>)>, is_ending: bool) {
    let batches = group.iter().map(|(log, batch, _)| (log, batch));
    match file.append(batches) {
        Ok(appended) => {
            for ((_, _, answer), appended) in group.into_iter().zip(appended) {
                let _ = answer.send(Ok(appended));
            }
        }
        Err(error) => {
            let failed = if is_ending { StoreError::Ended } else { StoreError::failed(error) };
            for (_, _, answer) in group {
                let _ = answer.send(Err(failed.clone()));
            }
        }
    }
}
