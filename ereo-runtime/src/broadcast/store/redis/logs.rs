//! The logs of a server, as mirrors ask for them.

use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use redis::Cmd;
use tokio::runtime::Handle;
use tokio::sync::{Semaphore, mpsc, oneshot};
use tokio_util::task::TaskTracker;

use super::heads::Look;
use super::link::Link;
use super::listener::Follow;
use super::members::Members;
use super::script::{Part, Placed, channel, key};
use super::trouble::Trouble;
use crate::broadcast::store::members::SharedMembers;
use crate::broadcast::store::{
    Appended, Batch, From, Kept, Limit, LogKey, Page, SharedStore, Store, StoreError,
};
use crate::log::{Epoch, Position};
use crate::sync::Arc;

/// So long a log is kept that nothing is appended to.
pub(super) const IDLE: Duration = Duration::from_secs(30 * 24 * 3600);

/// So long commands are kept behind the last of them.
const COMMANDS: Duration = Duration::from_secs(120);

/// So long it is known what a producer has appended: who cannot reach the server for longer may append its last batch twice.
const PRODUCER: Duration = Duration::from_secs(24 * 3600);

/// So many logs are read at once.
const READS: usize = 64;

/// How often the head of a log is looked at.
const LOOKS: Duration = Duration::from_millis(500);

pub(super) struct Logs {
    pub(super) link: Arc<Link>,
    pub(super) database: i64,
    pub(super) follows: mpsc::Sender<Follow>,
    pub(super) looks: mpsc::Sender<Look>,
    pub(super) reads: Arc<Semaphore>,
    pub(super) runtime: Handle,
    pub(super) mirrors: TaskTracker,
    pub(super) members: Arc<Members>,
}

impl Logs {
    pub(super) fn reads() -> Arc<Semaphore> {
        Arc::new(Semaphore::new(READS))
    }
}

/// The call of a script, by its hash.
pub(super) fn call(hash: &str, keys: &[String]) -> Cmd {
    let mut call = redis::cmd("EVALSHA");
    call.arg(hash).arg(keys.len()).arg(keys);
    call
}

pub(super) fn fresh() -> String {
    Epoch::random().to_string()
}

pub(super) fn milliseconds(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

impl Store for Logs {
    fn append(
        &self,
        log: &LogKey,
        batch: Batch,
    ) -> BoxFuture<'static, Result<Appended, StoreError>> {
        let link = Arc::clone(&self.link);
        let producer = format!("p:{:016x}", batch.producer);
        let keys = [key(log, "m"), key(log, "l"), key(log, &producer)];
        let channel = channel(log, self.database);
        let kept_for = if log.is_of_commands() { COMMANDS } else { IDLE };
        async move {
            let Some(first) = batch.drafts.first().map(|draft| draft.seq) else {
                return Err(StoreError::Ended);
            };
            let script = &link.scripts().append;
            let mut command = call(script.get_hash(), &keys);
            command.arg(&batch.producer.to_be_bytes()).arg(first).arg(fresh()).arg(batch.oldest);
            command.arg(channel).arg(milliseconds(IDLE)).arg(milliseconds(PRODUCER));
            command.arg(milliseconds(kept_for));
            for draft in &batch.drafts {
                command.arg(&draft.payload[..]);
            }
            let placed = Placed::of(link.run(&script.prepare_invoke(), &command).await?)?;
            let places = batch.drafts.iter().map(|draft| placed.place(draft.seq));
            let places = places.collect::<Result<_, _>>()?;
            Ok(Appended { epochs: placed.epochs, places })
        }
        .boxed()
    }

    fn read(
        &self,
        log: &LogKey,
        from: From,
        limit: Limit,
    ) -> BoxFuture<'static, Result<Page, StoreError>> {
        let (link, reads) = (Arc::clone(&self.link), Arc::clone(&self.reads));
        let keys = [key(log, "m"), key(log, "l")];
        async move {
            let _turn = reads.acquire().await.map_err(|_| StoreError::Ended)?;
            let script = &link.scripts().read;
            let mut command = call(script.get_hash(), &keys);
            let from = match from {
                From::Behind(offset) => offset.to_string(),
                From::Newest => "newest".to_owned(),
            };
            command.arg(fresh()).arg(from).arg(limit.count).arg(limit.bytes);
            command.arg(milliseconds(IDLE));
            let part = Part::of(link.run(&script.prepare_invoke(), &command).await?)?;
            Ok(Page { epochs: part.epochs, head: part.head, entries: part.entries })
        }
        .boxed()
    }

    fn spawn(&self, task: BoxFuture<'static, ()>) {
        self.mirrors.spawn_on(task, &self.runtime);
    }

    fn shared(&self) -> Option<&dyn SharedStore> {
        Some(self)
    }

    fn members(&self) -> Option<Arc<dyn SharedMembers>> {
        Some(Arc::clone(&self.members) as _)
    }
}

/// Asks the task that takes such questions, and waits for its answer.
pub(super) fn ask<Q: Send + 'static, A: Send + 'static>(
    task: &mpsc::Sender<Q>,
    question: impl FnOnce(oneshot::Sender<Result<A, Trouble>>) -> Q + Send + 'static,
) -> BoxFuture<'static, Result<A, StoreError>> {
    let task = task.clone();
    async move {
        let (answer, answered) = oneshot::channel();
        task.send(question(answer)).await.map_err(|_| StoreError::Ended)?;
        Ok(answered.await.map_err(|_| StoreError::Ended)??)
    }
    .boxed()
}

impl SharedStore for Logs {
    fn follow(&self, log: &LogKey) -> BoxFuture<'static, Result<mpsc::Receiver<Kept>, StoreError>> {
        let channel = channel(log, self.database);
        ask(&self.follows, |answer| Follow { channel, answer })
    }

    fn head(&self, log: &LogKey) -> BoxFuture<'static, Result<Option<Position>, StoreError>> {
        let key = key(log, "m");
        ask(&self.looks, |answer| Look { key, answer })
    }

    fn looks_every(&self) -> Duration {
        LOOKS
    }
}
