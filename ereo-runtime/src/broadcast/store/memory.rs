//! A store in memory that several sets share, and that goes wrong as a test says.

use std::collections::{HashMap, VecDeque};
use std::io;
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use tokio::runtime::Handle;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep};

use super::{
    Appended, Batch, From, Kept, Limit, LogKey, Page, SharedStore, Store, StoreError, StoreLog,
};
use crate::log::{Epoch, Epochs, Position};
use crate::sync::{Arc, Mutex, lock};

/// A handle; clones are the same store, over a connection of the same kind.
#[derive(Clone, Default)]
pub(super) struct Memory(Arc<Mutex<World>>);

#[derive(Default)]
struct World {
    logs: HashMap<LogKey, Log>,
    /// Which life of the store this is.
    life: u64,
    faults: Faults,
    appends: usize,
    follows: usize,
}

/// What goes wrong.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Faults {
    /// Nothing is answered but an error.
    pub(super) down: bool,
    /// Nothing is appended.
    pub(super) refuses: bool,
    /// So many answers to an append are lost, behind their effect.
    pub(super) lost_answers: usize,
    /// What is told of is lost, and nobody notices.
    pub(super) deaf: bool,
    /// What is told of comes twice.
    pub(super) doubles: bool,
    /// How long an answer takes.
    pub(super) delay: Duration,
}

#[derive(Clone)]
struct Log {
    epochs: Epochs,
    life: u64,
    head: u64,
    entries: VecDeque<(Kept, Instant)>,
    /// The last of each producer, and where it stands.
    producers: HashMap<u64, HashMap<u64, u64>>,
    news: Vec<mpsc::Sender<Kept>>,
}

impl Memory {
    pub(super) fn log(&self, name: &str) -> StoreLog {
        StoreLog::new(Arc::new(self.clone()), Arc::new(()), name)
    }

    pub(super) fn faults(&self, change: impl FnOnce(&mut Faults)) {
        change(&mut lock(&self.0).faults);
    }

    pub(super) fn appends(&self) -> usize {
        lock(&self.0).appends
    }

    pub(super) fn follows(&self) -> usize {
        lock(&self.0).follows
    }

    /// It ends and starts again, without the newest messages of each log.
    pub(super) fn restart(&self, forgets: u64) {
        let world = &mut *lock(&self.0);
        world.life += 1;
        for log in world.logs.values_mut() {
            log.news.clear();
            log.head = log.head.saturating_sub(forgets);
            log.entries.retain(|(kept, _)| kept.offset <= log.head);
            log.producers.values_mut().for_each(|places| places.retain(|_, at| *at <= log.head));
        }
    }

    /// All is gone.
    pub(super) fn flush(&self) {
        let world = &mut *lock(&self.0);
        world.life += 1;
        world.logs.clear();
    }

    /// Messages fall out while it knows where it stands.
    pub(super) fn evict(&self, count: usize) {
        for log in lock(&self.0).logs.values_mut() {
            log.entries.drain(..count.min(log.entries.len()));
        }
    }

    /// Appends as another process would that a set knows nothing of.
    pub(super) fn append_as_another(&self, name: &str, payload: &str) {
        let draft = super::Draft { seq: rand::random(), payload: payload.to_owned().into() };
        let batch = Batch { producer: rand::random(), drafts: vec![draft], oldest: 0 };
        lock(&self.0).append(&LogKey::of(None, name), batch);
    }

    fn answer<R: Send + 'static>(
        &self,
        answer: impl FnOnce(&mut World) -> Result<R, StoreError> + Send + 'static,
    ) -> BoxFuture<'static, Result<R, StoreError>> {
        let store = self.clone();
        async move {
            let delay = lock(&store.0).faults.delay;
            if !delay.is_zero() {
                sleep(delay).await;
            }
            let world = &mut *lock(&store.0);
            if world.faults.down { Err(failed()) } else { answer(world) }
        }
        .boxed()
    }
}

fn failed() -> StoreError {
    StoreError::failed(io::Error::other("by the test"))
}

impl World {
    fn log(&mut self, key: &LogKey) -> &mut Log {
        let life = self.life;
        self.logs.entry(key.clone()).or_insert_with(|| Log {
            epochs: Epochs::new(Epoch::random()),
            life,
            head: 0,
            entries: VecDeque::new(),
            producers: HashMap::new(),
            news: Vec::new(),
        })
    }

    fn append(&mut self, key: &LogKey, batch: Batch) -> Appended {
        let (life, faults) = (self.life, self.faults);
        let log = self.log(key);
        if log.life != life {
            log.epochs.begin(Epoch::random(), log.head);
            log.life = life;
        }
        let mut places = Vec::new();
        for super::Draft { seq, payload } in batch.drafts {
            let known = log.producers.entry(batch.producer).or_default();
            if let Some(place) = known.get(&seq) {
                places.push(*place);
                continue;
            }
            log.head += 1;
            known.insert(seq, log.head);
            places.push(log.head);
            let (epoch, offset) = (log.epochs.current(), log.head);
            let producer = batch.producer;
            let kept = Kept { epoch, offset, producer, age: Duration::ZERO, payload };
            if !faults.deaf {
                let times = if faults.doubles { 2 } else { 1 };
                log.news.retain(|news| {
                    (0..times).all(|_| {
                        !matches!(
                            news.try_send(kept.clone()),
                            Err(mpsc::error::TrySendError::Closed(_))
                        )
                    })
                });
            }
            log.entries.push_back((kept, Instant::now()));
        }
        while log.entries.front().is_some_and(|(kept, _)| kept.offset < batch.oldest) {
            log.entries.pop_front();
        }
        Appended { epochs: log.epochs.clone(), places }
    }
}

impl Store for Memory {
    fn append(
        &self,
        log: &LogKey,
        batch: Batch,
    ) -> BoxFuture<'static, Result<Appended, StoreError>> {
        let log = log.clone();
        self.answer(move |world| {
            world.appends += 1;
            if world.faults.refuses {
                return Err(failed());
            }
            let appended = world.append(&log, batch);
            if world.faults.lost_answers > 0 {
                world.faults.lost_answers -= 1;
                return Err(failed());
            }
            Ok(appended)
        })
    }

    fn read(
        &self,
        log: &LogKey,
        from: From,
        limit: Limit,
    ) -> BoxFuture<'static, Result<Page, StoreError>> {
        let log = log.clone();
        self.answer(move |world| {
            let log = world.log(&log);
            let behind = match from {
                From::Behind(offset) => offset,
                From::Newest => log.head.saturating_sub(limit.count as u64),
            };
            let entries = log.entries.iter().filter(|(kept, _)| kept.offset > behind);
            let entries = entries.take(limit.count).map(|(kept, at)| {
                let age = at.elapsed();
                Kept { age, ..kept.clone() }
            });
            let entries = entries.collect();
            Ok(Page { epochs: log.epochs.clone(), head: log.head, entries })
        })
    }

    fn spawn(&self, task: BoxFuture<'static, ()>) {
        Handle::current().spawn(task);
    }

    fn shared(&self) -> Option<&dyn SharedStore> {
        Some(self)
    }
}

impl SharedStore for Memory {
    fn follow(&self, log: &LogKey) -> BoxFuture<'static, Result<mpsc::Receiver<Kept>, StoreError>> {
        let log = log.clone();
        self.answer(move |world| {
            world.follows += 1;
            let (news, heard) = mpsc::channel(4);
            world.log(&log).news.push(news);
            Ok(heard)
        })
    }

    fn head(&self, log: &LogKey) -> BoxFuture<'static, Result<Option<Position>, StoreError>> {
        let log = log.clone();
        self.answer(move |world| {
            let log = world.log(&log);
            Ok(Some(Position::new(log.epochs.current(), log.head)))
        })
    }

    fn looks_every(&self) -> Duration {
        Duration::from_millis(500)
    }
}
