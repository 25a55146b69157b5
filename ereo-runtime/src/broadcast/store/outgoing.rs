//! What a set has taken and its store has not placed yet, in order and bounded.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::meters::counter;
use bytes::Bytes;
use tokio::sync::{Notify, oneshot};

use super::backing::WhenDown;
use super::health::{Health, Pulse};
use crate::broadcast::broadcast_error::BroadcastError;
use crate::broadcast::entry::Draft;
use crate::broadcast::receipt::{Answer, Receipt, Unplaced};
use crate::sync::{Arc, Mutex, lock};

/// So many messages are appended at once at the most, and so many bytes.
const BATCH: usize = 512;
const BATCH_BYTES: usize = 1 << 20;

pub(super) struct Outgoing<T> {
    queue: Mutex<Queue<T>>,
    /// Wakes the mirror: there is something to place, or the set is gone.
    pub(super) wake: Notify,
    when_down: WhenDown,
    max_bytes: usize,
    /// How often somebody has asked to look where the log stands, and the last time that this was answered.
    asked: AtomicU64,
    answered: AtomicU64,
    /// Number of the newest message that is shown.
    shown: AtomicU64,
    /// Told when one of the two has changed.
    pub(super) changed: Arc<Notify>,
    pulse: Arc<Pulse>,
}

struct Queue<T> {
    held: VecDeque<Held<T>>,
    bytes: usize,
    next: u64,
    /// The set has ended: nothing is taken any more.
    ended: bool,
}

/// A message that waits for its place.
pub(super) struct Held<T> {
    pub(super) seq: u64,
    /// Gone once it is in the ring.
    pub(super) draft: Option<Draft<T>>,
    payload: Bytes,
    answer: oneshot::Sender<Answer>,
}

impl<T> Held<T> {
    /// Tells the publisher, if it asked.
    pub(super) fn answer(self, answer: Answer) {
        let _ = self.answer.send(answer);
    }
}

impl<T> Outgoing<T> {
    pub(super) fn new(when_down: WhenDown, max_bytes: usize, pulse: Arc<Pulse>) -> Self {
        let queue = Queue { held: VecDeque::new(), bytes: 0, next: 1, ended: false };
        Self {
            queue: Mutex::new(queue),
            wake: Notify::new(),
            when_down,
            max_bytes,
            asked: AtomicU64::new(0),
            answered: AtomicU64::new(0),
            shown: AtomicU64::new(0),
            changed: Arc::default(),
            pulse,
        }
    }

    /// Asks the mirror to look where the log stands; under this number it is told.
    pub(super) fn ask(&self) -> u64 {
        let number = self.asked.fetch_add(1, Ordering::AcqRel) + 1;
        self.wake.notify_one();
        number
    }

    /// The number of the last who asked.
    pub(super) fn asked(&self) -> u64 {
        self.asked.load(Ordering::Acquire)
    }

    /// The mirror has looked after this one had asked; whether somebody waits for that.
    pub(super) fn answer(&self, asked: u64) -> bool {
        let is_news = self.answered.fetch_max(asked, Ordering::AcqRel) < asked;
        if is_news {
            self.changed.notify_waiters();
        }
        is_news
    }

    /// The message of this number is in the ring, or what has become of it is known.
    pub(super) fn shows(&self, number: u64) {
        self.shown.fetch_max(number, Ordering::AcqRel);
        self.changed.notify_waiters();
    }

    pub(super) fn is_shown(&self, number: u64) -> bool {
        self.shown.load(Ordering::Acquire) >= number
    }

    /// The number of the newest message that was taken, where that is not shown yet.
    pub(super) fn last_taken(&self) -> Option<u64> {
        let last = lock(&self.queue).next - 1;
        (!self.is_shown(last)).then_some(last)
    }

    pub(super) fn is_answered(&self, number: u64) -> bool {
        self.answered.load(Ordering::Acquire) >= number
    }

    /// Takes a message, behind all that were taken before.
    pub(super) fn admit(&self, draft: Draft<T>, payload: Bytes) -> Result<Receipt, BroadcastError> {
        let most = match self.when_down {
            WhenDown::Hold(most) => most,
            WhenDown::Refuse if self.pulse.get() != Health::Up => {
                counter!("ereo_store_refused_total", "reason" => "down").increment(1);
                return Err(BroadcastError::Down);
            }
            WhenDown::Refuse => WhenDown::HELD,
        };
        let (answer, receipt) = oneshot::channel();
        let mut queue = lock(&self.queue);
        if queue.ended {
            return Err(BroadcastError::Down);
        }
        let held = queue.held.len();
        if held >= most || (held > 0 && queue.bytes + payload.len() > self.max_bytes) {
            drop(queue);
            counter!("ereo_store_refused_total", "reason" => "full").increment(1);
            return Err(BroadcastError::Full { held });
        }
        let seq = queue.next;
        queue.next += 1;
        queue.bytes += payload.len();
        queue.held.push_back(Held { seq, draft: Some(draft), payload, answer });
        self.pulse.holds();
        drop(queue);
        self.wake.notify_one();
        Ok(Receipt::pending(receipt))
    }

    /// The oldest that are held, to be appended.
    pub(super) fn batch(&self) -> Vec<super::Draft> {
        let queue = lock(&self.queue);
        let mut bytes = 0;
        let held = queue.held.iter().take(BATCH).take_while(|held| {
            let fits = bytes == 0 || bytes + held.payload.len() <= BATCH_BYTES;
            bytes += held.payload.len();
            fits
        });
        held.map(|held| super::Draft { seq: held.seq, payload: held.payload.clone() }).collect()
    }

    /// Takes out the oldest, which were appended.
    pub(super) fn take(&self, count: usize) -> Vec<Held<T>> {
        let mut queue = lock(&self.queue);
        let taken: Vec<_> = queue.held.drain(..count).collect();
        queue.bytes -= taken.iter().map(|held| held.payload.len()).sum::<usize>();
        self.pulse.lets_go(taken.len());
        taken
    }

    /// How many messages wait for their place, and the bytes of them.
    #[cfg(feature = "inspector")]
    pub(super) fn held(&self) -> (usize, usize) {
        let queue = lock(&self.queue);
        (queue.held.len(), queue.bytes)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many messages are held.
    pub(super) fn len(&self) -> usize {
        lock(&self.queue).held.len()
    }

    /// Nothing is taken from now on. What is held is placed yet.
    pub(super) fn end(&self) {
        lock(&self.queue).ended = true;
        self.wake.notify_one();
    }

    pub(super) fn has_ended(&self) -> bool {
        lock(&self.queue).ended
    }
}

impl<T> Drop for Outgoing<T> {
    fn drop(&mut self) {
        let held = std::mem::take(&mut lock(&self.queue).held);
        if !held.is_empty() {
            tracing::error!(messages = held.len(), "the set has ended before its store took them");
        }
        self.pulse.lets_go(held.len());
        held.into_iter().for_each(|held| held.answer(Err(Unplaced::Shutdown)));
    }
}
