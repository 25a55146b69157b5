//! The thread that has the file: it runs the mirrors of the file's logs and does what they ask for, as much as has
//! come in one transaction.

use std::io;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use tokio::runtime::{self, Handle};
use tokio::sync::{mpsc, oneshot};
use tokio::task::yield_now;
use tokio_util::task::TaskTracker;

use super::file::File;
use crate::broadcast::store::thread::{End, StoreThread};
use crate::broadcast::store::{Appended, Batch, From, Limit, LogKey, Page, Store, StoreError};
use crate::sync::Arc;

/// So many appends are one transaction at the most.
const GROUP: usize = 1024;

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

/// What the store's and its sets' handles share. The way to the thread goes before it.
pub(super) struct Owner {
    link: Arc<Link>,
    _thread: StoreThread,
}

impl Owner {
    pub(super) fn start(file: File) -> io::Result<Self> {
        let runtime = runtime::Builder::new_current_thread().enable_time().build()?;
        let (requests, asked) = mpsc::unbounded_channel();
        let mirrors = TaskTracker::new();
        let link = Link { requests, runtime: runtime.handle().clone(), mirrors: mirrors.clone() };
        let thread = StoreThread::spawn("ereo-sqlite", runtime, |end| async move {
            tokio::select! {
                () = serve(file, asked, &end) => {}
                () = end.flush(&mirrors) => {}
            }
        })?;
        Ok(Self { link: Arc::new(link), _thread: thread })
    }

    pub(super) fn store(&self) -> Arc<dyn Store> {
        Arc::clone(&self.link) as _
    }

    #[cfg(test)]
    pub(super) fn tamper(&self, with: Box<dyn FnOnce(&mut File) + Send>) {
        drop(self.link.requests.send(Request::Tamper(with)));
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

async fn serve(mut file: File, mut asked: mpsc::UnboundedReceiver<Request>, end: &End) {
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
        append(&mut file, group, end.has_begun());
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
