//! The task of one set's or room's presence: tells the store who is here, and hears from it who is at the other nodes.
//!
//! What the store tells is a hint, as it is of a log: only a change of the position that is the next is taken, and
//! where one is missing the roll is read. The store is told what is so, not what has happened, so that it may be told again;
//! and what it says is compared with what is so, at each reading and whenever this node begins another life. While it
//! cannot be reached nobody leaves.

use std::collections::BTreeSet;
use std::ops::ControlFlow;
use std::sync::Weak;
use std::time::Duration;

use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, sleep, sleep_until};

use super::members::{Change, Changes, Roll, SharedMembers, Standing, Written};
use super::{Kept, LogKey, StoreError};
use crate::backoff::{Backoff, Jitter};
use crate::broadcast::presence::{Info, Nodes, Outside, Presence, PresenceEvent};
use crate::log::Position;
use crate::sync::Arc;

/// Before a store that failed is asked again.
const AGAIN: Backoff = Backoff {
    base: Duration::from_millis(50),
    factor: 2.0,
    max: Duration::from_secs(1),
    jitter: Jitter::Full,
};

/// How long who asks first waits for the store.
const OPENS_WITHIN: Duration = Duration::from_secs(5);

/// What a node says at its end, so much at once.
const AT_ONCE: usize = 128;

/// It holds neither the set nor the store's handle: both end when their users let go of them.
pub(in crate::broadcast) struct Present {
    presence: Weak<Presence>,
    pub(super) outside: Arc<Outside>,
    pub(super) store: Arc<dyn SharedMembers>,
    pub(super) key: LogKey,
    grace: Duration,
    pub(super) standing: watch::Receiver<Standing>,
    pub(super) news: Option<mpsc::Receiver<Kept>>,
    /// Whether what is known is what the store had at `at`.
    pub(super) is_read: bool,
    pub(super) at: Option<Position>,
    /// The store's time, and when it was so.
    pub(super) clock: Option<(u64, Instant)>,
    pub(super) look_at: Instant,
    /// Whether the roll was ahead at the last look, and of which position.
    pub(super) ahead: Option<Position>,
    /// When the others are not known any more, unless the store is heard of.
    cut_off_at: Instant,
    is_cut_off: bool,
    /// When those that the store has forgotten are given up.
    pub(super) missing_until: Option<Instant>,
    /// Whom the store may know to be here.
    entered: BTreeSet<Arc<str>>,
}

pub(super) type Done<R = ()> = Result<R, StoreError>;

impl Present {
    pub(in crate::broadcast) fn new(
        presence: &Arc<Presence>,
        outside: Arc<Outside>,
        store: Arc<dyn SharedMembers>,
        key: LogKey,
        grace: Duration,
    ) -> Self {
        let (standing, now) = (store.standing(), Instant::now());
        Self {
            presence: Arc::downgrade(presence),
            outside,
            store,
            key,
            grace,
            standing,
            news: None,
            is_read: false,
            at: None,
            clock: None,
            look_at: now,
            ahead: None,
            cut_off_at: now + OPENS_WITHIN,
            is_cut_off: false,
            missing_until: None,
            entered: BTreeSet::new(),
        }
    }

    pub(in crate::broadcast) async fn run(mut self) {
        let mut failed = 0;
        let mut is_told = false;
        loop {
            let cut_off_at = self.cut_off_at;
            let turn = tokio::select! {
                turn = self.turn() => turn,
                () = sleep_until(cut_off_at), if !self.is_cut_off => {
                    // What was heard meanwhile may be lost with this turn, and is read.
                    (self.is_cut_off, self.is_read) = (true, false);
                    self.nodes(Nodes::cut_off);
                    continue;
                }
            };
            match turn {
                Ok(ControlFlow::Continue(())) => (failed, is_told) = (0, false),
                Ok(ControlFlow::Break(())) => break,
                Err(StoreError::Ended) => return,
                Err(error) => {
                    if !std::mem::replace(&mut is_told, true) {
                        let log = self.key.as_str();
                        tracing::warn!(log, %error, "nobody knows who comes and goes at other nodes");
                    }
                    (self.news, self.is_read) = (None, false);
                    let pause = sleep(AGAIN.delay(failed));
                    failed += 1;
                    if self.has_ended() {
                        break;
                    }
                    pause.await;
                }
            }
        }
        self.part().await;
    }

    /// Changes what is known, and tells what became of it.
    pub(super) fn nodes(&self, change: impl FnOnce(&mut Nodes) -> Vec<PresenceEvent>) {
        if let Some(presence) = self.presence.upgrade() {
            presence.at_nodes(|nodes, told| *told = change(nodes));
        }
    }

    pub(super) fn look_at_nodes<R: Default>(&self, look: impl FnOnce(&mut Nodes) -> R) -> R {
        let presence = self.presence.upgrade();
        let looked = presence.and_then(|presence| presence.at_nodes(|nodes, _| look(nodes)));
        looked.unwrap_or_default()
    }

    fn has_ended(&self) -> bool {
        self.outside.has_ended() || self.presence.strong_count() == 0
    }

    /// Does what there is to do, or waits for it.
    async fn turn(&mut self) -> Done<ControlFlow<()>> {
        if self.has_ended() {
            return Ok(ControlFlow::Break(()));
        }
        if self.news.is_none() {
            self.news = Some(self.store.follow(&self.key).await?);
            // What came before that is no news of it.
            self.is_read = false;
        }
        if !self.is_read {
            self.read().await?;
        }
        let standing = self.standing.borrow_and_update().clone();
        let node = standing.node;
        self.nodes(|nodes| {
            nodes.stands(standing);
            Vec::new()
        });
        if let Some(node) = node
            && self.tell(node).await?
        {
            return Ok(ControlFlow::Continue(()));
        }
        self.wait().await?;
        Ok(ControlFlow::Continue(()))
    }

    /// The store has answered.
    pub(super) fn is_heard(&mut self, now: Option<u64>) {
        let at = Instant::now();
        self.cut_off_at = at + self.store.lease();
        self.is_cut_off = false;
        self.clock = now.map(|now| (now, at)).or(self.clock);
    }

    /// The store's time, as far as that is known.
    fn now(&self) -> Option<u64> {
        let (now, at) = self.clock?;
        let since = u64::try_from(at.elapsed().as_millis()).unwrap_or(u64::MAX);
        Some(now.saturating_add(since))
    }

    pub(super) async fn read(&mut self) -> Done {
        let Roll { at, records, now } = self.store.read(&self.key).await?;
        let has_forgotten = self.at.is_some_and(|before| {
            // Another epoch may have begun before what is known was there, or behind it.
            at.is_none_or(|at| at.epoch() != before.epoch() || at.offset() < before.offset())
        });
        self.nodes(|nodes| nodes.read(records, has_forgotten));
        (self.at, self.is_read, self.ahead) = (at, true, None);
        self.is_heard(Some(now));
        if self.look_at_nodes(|nodes| nodes.misses()) {
            if has_forgotten {
                self.missing_until = Some(Instant::now() + self.store.lease());
            }
        } else {
            self.missing_until = None;
        }
        Ok(())
    }

    /// Tells the store what it does not know; whether there was anything.
    async fn tell(&mut self, node: u64) -> Done<bool> {
        let Some(now) = self.now() else { return Ok(false) };
        let (said, swept) = self.look_at_nodes(|nodes| {
            let said = nodes.has_to_say().then(|| nodes.say());
            (said, nodes.to_sweep(now))
        });
        let (mut all, of) = said.map_or_else(Default::default, |said| (said.changes, said.of));
        all.extend(swept);
        if all.is_empty() {
            self.nodes(|nodes| nodes.heard(of));
            return Ok(false);
        }
        // Also where the answer is lost.
        let here = all.iter().filter_map(|change| match change {
            Change::Here { key, connections, .. } if *connections > 0 => Some(Arc::clone(key)),
            _ => None,
        });
        self.entered.extend(here);
        let gone = all.iter().filter_map(|change| match change {
            Change::Here { key, connections: 0, .. } => Some(Arc::clone(key)),
            _ => None,
        });
        let gone = gone.collect::<Vec<_>>();
        let former = self.standing.borrow().former.clone();
        let changes = Changes { node, former, grace: self.grace, all };
        let written = self.store.write(&self.key, changes).await?;
        for key in &gone {
            self.entered.remove(key);
        }
        self.take(written).await?;
        self.nodes(|nodes| nodes.heard(of));
        Ok(true)
    }

    async fn take(&mut self, written: Written) -> Done {
        let Written { before, at, changed, now } = written;
        self.is_heard(Some(now));
        let is_known = at.zip(self.at).is_some_and(|(at, known)| {
            at.epoch() == known.epoch() && at.offset() <= known.offset()
        });
        if before == self.at {
            self.nodes(|nodes| nodes.changed(changed));
            self.at = at;
            return Ok(());
        }
        if is_known {
            // As news.
            return Ok(());
        }
        self.read().await
    }

    /// Nobody is here any more. Tried once: where the store cannot be reached, the lease sees to it.
    async fn part(&mut self) {
        let Some(node) = self.standing.borrow().node else { return };
        let former = self.standing.borrow().former.clone();
        while let Some(first) = self.entered.first().cloned() {
            let behind = self.entered.iter().nth(AT_ONCE).cloned();
            let rest = behind.map_or_else(BTreeSet::new, |key| self.entered.split_off(&key));
            let gone = std::mem::replace(&mut self.entered, rest);
            let all = gone.into_iter().map(|key| {
                let (info, connections, gives) = (Info::null(), 0, false);
                Change::Here { key, connections, gives, info }
            });
            let all = all.collect();
            let changes = Changes { node, former: former.clone(), grace: self.grace, all };
            if let Err(error) = self.store.write(&self.key, changes).await {
                let (log, first) = (self.key.as_str(), &*first);
                tracing::warn!(log, first, %error, "others hear of those who have left when the lease is over");
                return;
            }
        }
    }
}
