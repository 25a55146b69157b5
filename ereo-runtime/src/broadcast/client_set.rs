//! The publisher's side: [`ClientSet`].

use tokio::sync::watch;
use tokio::time::Instant;

use super::entry::{Entry, SseDraft};
use super::log::{Gap, Limits, Window};
use super::on_lag::{OnLag, ResetReason};
use super::shared::{Reader, Shared};
use super::source::Direct;
use super::subscription::{Reset, Subscription};
use super::{Builder, Epoch, LastEventId, Position};
use crate::message::{EncodeError, Message};
use crate::sync::Arc;

/// Clients that get the same messages in the same order.
///
/// A handle: clones are the same set. Put it into actix's `Data` and broadcast from anywhere, also
/// from other threads; when the last handle is gone, the readers end.
///
/// ```
/// use ereo_runtime::{ClientSet, LastEventId};
/// let set = ClientSet::<String>::builder().history(100).build();
/// let before = set.position();
/// let after = set.broadcast(&"hello".to_owned())?;
/// assert_eq!(after.offset(), before.offset() + 1);
/// # Ok::<_, ereo_runtime::EncodeError>(())
/// ```
pub struct ClientSet<T> {
    handle: Arc<Handle<T>>,
}

/// What the clones of a set share; readers hold [`Core`] only, so that this ends with the set.
struct Handle<T> {
    core: Arc<Core<T>>,
}

/// What publisher and readers share.
pub(super) struct Core<T> {
    shared: Arc<Shared<Arc<Entry<T>>>>,
    epoch: Epoch,
    started: Instant,
    max_bytes: usize,
    on_lag: OnLag,
    /// How many clients there are; a watch, so that a change can be waited for.
    clients: watch::Sender<usize>,
}

impl<T> Drop for Handle<T> {
    fn drop(&mut self) {
        self.core.shared.close();
    }
}

impl<T> Clone for ClientSet<T> {
    fn clone(&self) -> Self {
        Self { handle: Arc::clone(&self.handle) }
    }
}

impl<T> std::fmt::Debug for ClientSet<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ClientSet")
            .field("message", &std::any::type_name::<T>())
            .field("epoch", &self.handle.core.epoch.to_string())
            .finish_non_exhaustive()
    }
}

impl<T: Message> Default for ClientSet<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T: Message> ClientSet<T> {
    /// A set that keeps the last 1024 messages, at most 8 MiB; see [`ClientSet::builder`].
    pub fn new() -> Self {
        Self::builder().build()
    }

    /// Settings other than the defaults.
    pub fn builder() -> Builder<T> {
        Builder::default()
    }

    pub(super) fn with(limits: Limits, on_lag: OnLag) -> Self {
        let core = Arc::new(Core {
            shared: Shared::new(limits),
            epoch: Epoch::random(),
            started: Instant::now(),
            max_bytes: limits.bytes,
            on_lag,
            clients: watch::Sender::new(0),
        });
        Self { handle: Arc::new(Handle { core }) }
    }
}

impl<T: Message> ClientSet<T> {
    /// The place of the newest message; with offset 0 before the first.
    pub fn position(&self) -> Position {
        let core = &self.handle.core;
        core.position_before(core.shared.window(core.now()).next)
    }

    /// How many clients there are: subscriptions whose response has begun.
    pub fn len(&self) -> usize {
        *self.handle.core.clients.borrow()
    }

    /// Whether there is no client.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// [`ClientSet::len`] as a value whose changes can be waited for.
    pub fn watch_len(&self) -> watch::Receiver<usize> {
        self.handle.core.clients.subscribe()
    }
}

impl<T: Message + Clone + Send + Sync + 'static> ClientSet<T> {
    /// Sends `message` to every client and keeps it for those who come back. Never waits.
    ///
    /// # Errors
    /// When the message cannot be encoded or is larger than the set may keep. Then no client sees
    /// anything of it and the position stays.
    pub fn broadcast(&self, message: &T) -> Result<Position, EncodeError> {
        let core = &self.handle.core;
        // Everything that can fail or take long happens before the lock.
        let draft = SseDraft::of(message)?;
        let size = draft.len();
        if size > core.max_bytes {
            return Err(EncodeError::TooLarge { size, limit: core.max_bytes });
        }
        let value = message.clone();
        let offset = core.shared.append(
            || core.now(),
            |offset| {
                let bytes = draft.at(Position::new(core.epoch, offset));
                (Entry::new(value, bytes), size)
            },
        );
        Ok(Position::new(core.epoch, offset))
    }

    /// Follows the set from behind `last`, or from now on without a position.
    ///
    /// It counts as a client once it is read, that is from the start of its response.
    pub fn subscribe(&self, last: LastEventId) -> Subscription<T> {
        let core = &self.handle.core;
        let kept = core.shared.window(core.now());
        let head = core.position_before(kept.next);
        let resumed = last.position().map(|last| (last, core.resume(last, kept)));
        let (cursor, start, reset) = match resumed {
            None => (kept.next, head, None),
            Some((last, Ok(cursor))) => (cursor, last, None),
            Some((last, Err(reset))) => (kept.next, last, Some(reset)),
        };
        Subscription::new(Direct::new(Arc::clone(core), cursor), start, head, reset)
    }
}

impl<T> Core<T> {
    fn now(&self) -> std::time::Duration {
        self.started.elapsed()
    }

    pub(super) fn on_lag(&self) -> OnLag {
        self.on_lag
    }

    /// The position of a reader whose next message is `cursor`.
    pub(super) fn position_before(&self, cursor: u64) -> Position {
        // Offsets begin at 1, so a cursor is never 0.
        Position::new(self.epoch, cursor - 1)
    }

    /// The cursor behind `last`, or why there is none.
    fn resume(&self, last: Position, kept: Window) -> Result<u64, Reset> {
        let foreign = Reset { reason: ResetReason::Epoch, missed: None };
        if last.epoch() != self.epoch {
            return Err(foreign);
        }
        kept.behind(last.offset()).map_err(|gap| match gap {
            Gap::Expired { missed } => Reset { reason: ResetReason::Expired, missed: Some(missed) },
            // A position ahead of the set was never given out by this life of it.
            Gap::Unknown => foreign,
        })
    }
}

/// One client of a set; leaves on drop.
pub(super) struct Client<T> {
    reader: Reader<Arc<Entry<T>>>,
    core: Arc<Core<T>>,
}

impl<T> Client<T> {
    pub(super) fn join(core: Arc<Core<T>>, cursor: u64) -> Self {
        let reader = Reader::new(Arc::clone(&core.shared), cursor);
        core.clients.send_modify(|clients| *clients += 1);
        Self { reader, core }
    }

    pub(super) fn reader(&mut self) -> &mut Reader<Arc<Entry<T>>> {
        &mut self.reader
    }
}

impl<T> Drop for Client<T> {
    fn drop(&mut self) {
        self.core.clients.send_modify(|clients| *clients -= 1);
    }
}
