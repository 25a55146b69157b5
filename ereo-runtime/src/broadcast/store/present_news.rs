//! How a presence hears of who comes and goes at other nodes.

use std::future::pending;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};

use super::present::{Done, Present};
use super::{Kept, StoreError};
use crate::broadcast::presence::Nodes;
use crate::log::Position;

/// How often the roll's position is looked at.
const LOOKS: Duration = Duration::from_millis(500);

impl Present {
    /// Waits for something to tell, for news, or for the time to look.
    pub(super) async fn wait(&mut self) -> Done {
        let due = self.look_at_nodes(|nodes| nodes.next_due()).and_then(|due| {
            let (now, at) = self.clock?;
            // The store's clock goes in milliseconds.
            Some(at + Duration::from_millis(due.saturating_sub(now) + 1))
        });
        let (look_at, missing_until) = (self.look_at, self.missing_until);
        tokio::select! {
            () = self.outside.wake.notified() => {}
            kept = next(&mut self.news) => match kept {
                Some(kept) => self.hear(&kept).await?,
                None => self.news = None,
            },
            () = until(due) => {}
            () = until(missing_until) => {
                self.missing_until = None;
                self.nodes(Nodes::give_up_missing);
            }
            // The node is another, or others are dead.
            changed = self.standing.changed() => changed.map_err(|_| StoreError::Ended)?,
            () = sleep_until(look_at) => {
                self.look_at = Instant::now() + LOOKS;
                self.look().await?;
            }
        }
        Ok(())
    }

    async fn hear(&mut self, kept: &Kept) -> Done {
        let Some(changed) = self.store.news(kept) else { return self.read().await };
        let at = Position::new(kept.epoch, kept.offset);
        let is_next = match self.at {
            Some(known) if known.epoch() != at.epoch() => false,
            Some(known) if at.offset() <= known.offset() => return Ok(()),
            Some(known) => at.offset() == known.offset() + 1,
            None => at.offset() == 1,
        };
        if !is_next {
            return self.read().await;
        }
        self.nodes(|nodes| nodes.changed(changed));
        self.at = Some(at);
        Ok(())
    }

    async fn look(&mut self) -> Done {
        let others = self.look_at_nodes(|nodes| nodes.others());
        self.store.sees(others);
        let head = self.store.head(&self.key).await?;
        self.is_heard(None);
        if head == self.at {
            self.ahead = None;
            return Ok(());
        }
        let is_further = |head: Position| {
            self.at.is_some_and(|at| at.epoch() == head.epoch() && at.offset() < head.offset())
        };
        // News of it may be on its way, until the next look.
        let is_on_its_way = head.is_some_and(is_further)
            && self.ahead.zip(self.at).is_none_or(|(ahead, at)| ahead.offset() <= at.offset());
        if is_on_its_way {
            self.ahead = head;
            return Ok(());
        }
        if self.ahead.is_some() {
            tracing::warn!(log = self.key.as_str(), "a subscription that looked alive is dead");
            self.news = None;
        }
        self.read().await
    }
}

/// What comes next of them, where there are any.
async fn next(news: &mut Option<mpsc::Receiver<Kept>>) -> Option<Kept> {
    match news {
        Some(news) => news.recv().await,
        None => pending().await,
    }
}

async fn until(at: Option<Instant>) {
    match at {
        Some(at) => sleep_until(at).await,
        None => pending().await,
    }
}
