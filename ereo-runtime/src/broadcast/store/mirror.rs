//! The task of one log: places what the set has taken, and keeps the ring as the store is.
//!
//! What a store tells of what others append is a hint: it may be late, doubled or missing. Only what is the
//! next goes into the ring; where something is missing, the log is read from where the ring ends. And since a
//! subscription may be dead and look alive, the head is looked at now and then over another connection: where
//! it is ahead twice in a row the log is read, and at the second time the subscription is made anew.

use std::collections::VecDeque;
use std::ops::ControlFlow;
use std::sync::Weak;
use std::time::Duration;

use crate::meters::counter;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep};

use super::exception::exception;
use super::following::Look;
use super::health::{Pulse, Share};
use super::outgoing::{Held, Outgoing};
use super::{Batch, From, Kept, Limit, LogKey, Page, Store, StoreError};
use crate::backoff::{Backoff, Jitter};
use crate::broadcast::core::Core;
use crate::log::{Epochs, Limits, Position, Window};
use crate::message::Message;
use crate::sync::Arc;

/// So much of a log is read at once.
const PAGE: Limit = Limit { count: 1024, bytes: 4 << 20 };

/// Before a store that failed is asked again.
const AGAIN: Backoff = Backoff {
    base: Duration::from_millis(50),
    factor: 2.0,
    max: Duration::from_secs(2),
    jitter: Jitter::Full,
};

/// Mirrors the log of a set or room for as long as there is one.
pub(super) fn start<T: Message + Clone + Send + Sync + 'static>(core: &Arc<Core<T>>) {
    let Some(stored) = core.stored() else { return };
    let store = Arc::clone(stored.backing.store());
    let mirror = Mirror {
        core: Arc::downgrade(core),
        outgoing: Arc::clone(&stored.outgoing),
        pulse: Arc::clone(&stored.backing.pulse),
        decode: stored.backing.decode,
        store: Arc::clone(&store),
        key: stored.key.clone(),
        limits: core.settings().limits,
        producer: rand::random(),
        is_open: false,
        placed: VecDeque::new(),
        news: None,
        look: Look::new(),
        held: Share::of("ereo_store_held"),
        behind: Share::of("ereo_store_behind"),
        rooms: Share::of("ereo_store_rooms"),
    };
    super::commands::join(core);
    store.spawn(Box::pin(mirror.run()));
}

/// It holds neither the set nor the store's handle: both end when their users let go of them.
pub(super) struct Mirror<T> {
    pub(super) core: Weak<Core<T>>,
    pub(super) outgoing: Arc<Outgoing<T>>,
    pub(super) pulse: Arc<Pulse>,
    decode: fn(&[u8]) -> serde_json::Result<T>,
    pub(super) store: Arc<dyn Store>,
    pub(super) key: LogKey,
    limits: Limits,
    pub(super) producer: u64,
    /// Whether the ring has what the store has.
    is_open: bool,
    /// What the store has numbered, to go into the ring.
    placed: VecDeque<(Position, Held<T>)>,
    pub(super) news: Option<mpsc::Receiver<Kept>>,
    pub(super) look: Look,
    held: Share,
    pub(super) behind: Share,
    rooms: Share,
}

/// Also with its runtime: readers end with it.
impl<T> Drop for Mirror<T> {
    fn drop(&mut self) {
        if let Some(core) = self.core.upgrade() {
            core.close_log();
        }
    }
}

pub(super) type Done<R = ()> = Result<R, StoreError>;

impl<T: Message + Clone + Send + Sync + 'static> Mirror<T> {
    async fn run(mut self) {
        let mut failed = 0;
        self.rooms.set(usize::from(!self.key.is_of_commands()));
        loop {
            match self.turn().await {
                Ok(ControlFlow::Continue(())) => failed = 0,
                Ok(ControlFlow::Break(())) | Err(StoreError::Ended) => break,
                Err(error) => {
                    self.pulse.down(self.key.as_str(), &error);
                    self.news = None;
                    sleep(AGAIN.delay(failed)).await;
                    failed += 1;
                }
            }
        }
    }

    /// Does what there is to do, or waits for it.
    async fn turn(&mut self) -> Done<ControlFlow<()>> {
        self.held.set(self.outgoing.len());
        let is_read = self.core.strong_count() > 0;
        let is_done =
            self.outgoing.has_ended() && self.outgoing.is_empty() && self.placed.is_empty();
        if is_done && (self.is_open || !is_read) {
            return Ok(ControlFlow::Break(()));
        }
        if !self.is_open && is_read {
            // Before it is read: nothing is missed in between.
            self.follow().await?;
            self.open().await?;
            self.pulse.is_read();
        }
        self.settle().await?;
        if !self.outgoing.is_answered(self.outgoing.asked()) && self.is_open {
            self.pull().await?;
        }
        let drafts = self.outgoing.batch();
        if !drafts.is_empty() {
            self.append(drafts).await?;
        } else if !self.outgoing.has_ended() {
            self.wait().await?;
        }
        Ok(ControlFlow::Continue(()))
    }

    async fn append(&mut self, drafts: Vec<super::Draft>) -> Done {
        let count = drafts.len();
        let oldest = self.core.upgrade().map_or(0, |core| core.oldest_offset());
        let begun = Instant::now();
        let batch = Batch { producer: self.producer, drafts, oldest };
        let appended = self.store.append(&self.key, batch).await;
        let appended = appended.inspect_err(|_| self.pulse.refuses())?;
        crate::meters::histogram!("ereo_store_append_seconds")
            .record(begun.elapsed().as_secs_f64());
        self.pulse.up();
        let held = self.outgoing.take(count);
        let epochs = &appended.epochs;
        let positions = appended.places.iter().map(|at| Position::new(epochs.of(*at), *at));
        self.placed.extend(positions.zip(held));
        let head = appended.places.last().copied().unwrap_or_default();
        if !self.learn(appended.epochs, head) {
            self.open().await?;
        }
        Ok(())
    }

    /// Puts what was placed into the ring, with what others have placed before it.
    async fn settle(&mut self) -> Done {
        while let Some((position, _)) = self.placed.front() {
            let next = self.core.upgrade().map(|core| core.next_offset());
            // Without a ring, or where it is there already, there is only the publisher to tell.
            if next.is_some_and(|next| position.offset() > next) {
                self.pull().await?;
                if self.core.upgrade().map(|core| core.next_offset()) != next {
                    continue;
                }
                // The store has forgotten it again.
            }
            let Some((position, held)) = self.placed.pop_front() else { break };
            self.put_own(position, held);
        }
        Ok(())
    }

    fn put_own(&self, position: Position, mut held: Held<T>) {
        if let Some(core) = self.core.upgrade()
            && core.place_of(position) == Some(core.next_offset())
            && let Some(draft) = held.draft.take()
        {
            core.put(draft, position, Duration::ZERO);
        }
        self.outgoing.shows(held.seq);
        held.answer(Ok(position));
    }

    /// Reads what stands behind the ring, and tells those who asked for that.
    pub(super) async fn pull(&mut self) -> Done {
        let asked = self.outgoing.asked();
        self.catch_up().await?;
        self.answer(asked);
        Ok(())
    }

    fn answer(&self, asked: u64) {
        if self.outgoing.answer(asked)
            && let Some(core) = self.core.upgrade()
        {
            core.log().rouse();
        }
    }

    async fn catch_up(&mut self) -> Done {
        loop {
            let Some(next) = self.core.upgrade().map(|core| core.next_offset()) else {
                return Ok(());
            };
            let page = self.store.read(&self.key, From::Behind(next - 1), PAGE).await?;
            let Page { epochs, head, entries } = page;
            if !self.learn(epochs, head) {
                return self.open().await;
            }
            let Some(core) = self.core.upgrade() else { return Ok(()) };
            let first = entries.first().map_or(head + 1, |kept| kept.offset);
            if first > next {
                core.leave_out(first);
            }
            counter!("ereo_store_healed_messages_total").increment(entries.len() as u64);
            for kept in entries {
                let own = self.placed.front().is_some_and(|(at, _)| at.offset() == kept.offset);
                match own.then(|| self.placed.pop_front()).flatten() {
                    Some((position, held)) => self.put_own(position, held),
                    None => self.put(&core, kept),
                }
            }
            if core.next_offset() > head {
                self.behind.set(0);
                return Ok(());
            }
        }
    }

    /// Puts what the store keeps into the ring, also what this version of the message's type cannot read: readers are
    /// told of it.
    pub(super) fn put(&self, core: &Arc<Core<T>>, kept: Kept) {
        let position = Position::new(kept.epoch, kept.offset);
        match self.draft(core, &kept) {
            Some(draft) => core.put(draft, position, kept.age),
            None => core.put_unreadable(kept.age),
        }
    }

    fn draft(&self, core: &Core<T>, kept: &Kept) -> Option<crate::broadcast::entry::Draft<T>> {
        let (except, payload) = exception(&kept.payload);
        let draft = (self.decode)(payload).map_err(|error| error.to_string());
        let draft = draft
            .and_then(|value| core.kept_draft(value, except).map_err(|error| error.to_string()));
        draft
            .inspect_err(|error| {
                counter!("ereo_store_unreadable_total").increment(1);
                let (log, offset) = (self.key.as_str(), kept.offset);
                tracing::error!(log, offset, error, "a message of the store cannot be read");
            })
            .ok()
    }

    /// Learns the log's chain; `false` where the ring has what it has no more.
    fn learn(&self, epochs: Epochs, head: u64) -> bool {
        let Some(core) = self.core.upgrade() else { return true };
        let last = core.last_position();
        let is_good = epochs.resume(last, Window { oldest: 1, next: head + 1 }).is_ok();
        if is_good {
            core.learn(epochs);
        }
        is_good
    }

    /// Reads the newest of the log: at first, and where the store has forgotten what the ring has.
    async fn open(&mut self) -> Done {
        let asked = self.outgoing.asked();
        let limit = Limit { count: self.limits.count, bytes: self.limits.bytes };
        let page = self.store.read(&self.key, From::Newest, limit).await?;
        let Some(core) = self.core.upgrade() else { return Ok(()) };
        if self.is_open {
            self.pulse.forks_off();
            let log = self.key.as_str();
            tracing::warn!(
                log,
                "the store has forgotten messages that were shown: readers are told"
            );
        }
        let Page { epochs, head, entries } = page;
        let drafts = entries.iter().map(|kept| (self.draft(&core, kept), kept.offset, kept.age));
        core.open_log(epochs, head, drafts.collect());
        self.is_open = true;
        self.answer(asked);
        Ok(())
    }
}
