//! How a mirror hears of what others append to its log.

use std::future::pending;

use metrics::counter;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};

use super::mirror::{Done, Mirror};
use super::{Kept, SharedStore};
use crate::log::Position;
use crate::message::Message;
use crate::sync::Arc;

/// The looks at the head of a log that others append to.
pub(super) struct Look {
    at: Instant,
    /// The head, where it was ahead of the ring at the last look.
    ahead: Option<u64>,
    /// How often that was so twice in a row, since there last was news.
    heals: u32,
}

impl Look {
    pub(super) fn new() -> Self {
        Self { at: Instant::now(), ahead: None, heals: 0 }
    }
}

impl<T: Message + Clone + Send + Sync + 'static> Mirror<T> {
    /// Sees to it that it hears of what others append; whether it has not before.
    pub(super) async fn follow(&mut self) -> Done<bool> {
        let store = Arc::clone(&self.store);
        let Some(shared) = store.shared().filter(|_| self.news.is_none()) else {
            return Ok(false);
        };
        self.news = Some(shared.follow(&self.key).await?);
        Ok(true)
    }

    /// Waits for something to place, for news, or for the time to look.
    pub(super) async fn wait(&mut self) -> Done {
        if self.follow().await? {
            // What came before that is no news of it.
            self.pull().await?;
            self.pulse.is_read();
        }
        let store = Arc::clone(&self.store);
        let shared = store.shared();
        let look_at = self.look.at;
        tokio::select! {
            () = self.outgoing.wake.notified() => {}
            kept = next(&mut self.news) => match kept {
                Some(kept) => {
                    self.look.heals = 0;
                    self.take(kept).await?;
                }
                None => self.news = None,
            },
            () = sleep_until(look_at), if shared.is_some() => {
                if let Some(shared) = shared {
                    self.look.at = Instant::now() + shared.looks_every();
                    self.look(shared).await?;
                }
            }
        }
        Ok(())
    }

    /// Takes what others have appended, where it is the next.
    async fn take(&mut self, kept: Kept) -> Done {
        let Some(core) = self.core.upgrade() else { return Ok(()) };
        let position = Position::new(kept.epoch, kept.offset);
        match core.place_of(position) {
            // It is known.
            Some(at) if at < core.next_offset() => Ok(()),
            Some(at) if at == core.next_offset() && kept.producer != self.producer => {
                self.put(&core, kept);
                Ok(())
            }
            _ => {
                drop(core);
                counter!("ereo_store_heals_total", "cause" => "news").increment(1);
                self.pull().await
            }
        }
    }

    async fn look(&mut self, shared: &dyn SharedStore) -> Done {
        let head = shared.head(&self.key).await?;
        let Some(core) = self.core.upgrade() else { return Ok(()) };
        let (next, current) = (core.next_offset(), core.current_epoch());
        drop(core);
        let Some(head) = head.filter(|head| Some(head.epoch()) == current) else {
            // It has begun anew, and may have gone back before.
            return self.pull().await;
        };
        let head = head.offset();
        if head + 1 < next {
            return self.pull().await;
        }
        if self.look.ahead.is_some_and(|ahead| ahead >= next) {
            counter!("ereo_store_heals_total", "cause" => "head").increment(1);
            self.look.ahead = None;
            self.look.heals += 1;
            if self.look.heals >= 2 {
                tracing::warn!(log = self.key.as_str(), "a subscription that looked alive is dead");
                self.news = None;
            }
            return self.pull().await;
        }
        self.behind.set(usize::try_from((head + 1).saturating_sub(next)).unwrap_or(usize::MAX));
        self.look.ahead = (head >= next).then_some(head);
        Ok(())
    }
}

/// What comes next of them, where there are any.
async fn next(news: &mut Option<mpsc::Receiver<Kept>>) -> Option<Kept> {
    match news {
        Some(news) => news.recv().await,
        None => pending().await,
    }
}
