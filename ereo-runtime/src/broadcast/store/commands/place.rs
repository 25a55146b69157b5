//! What becomes of a command where it was issued: it is carried out, and appended, each behind what was broadcast before.

use std::sync::Weak;
use std::time::Duration;

use tokio::sync::{Notify, mpsc};
use tokio::time::{Instant, timeout_at};

use super::order::Task;
use super::patience::Patience;
use super::sets::Commanded;
use super::{Load, Sets};
use crate::broadcast::store::health::Pulse;
use crate::broadcast::{BroadcastError, ClientSet};
use crate::sync::Arc;

/// How long it waits here for messages that were broadcast before and are not placed: for no longer than a moment of
/// the store's, since who is to be logged out is not to wait for it.
pub(super) const PATIENCE: Duration = Duration::from_secs(1);

/// A command that was issued.
pub(super) struct Taken {
    pub(super) text: String,
    /// The messages that go before it.
    pub(super) waits: Vec<Waits>,
    /// Where it was not carried out at once.
    pub(super) here: Option<Task>,
    /// For how long it waits there.
    pub(super) until: Instant,
}

/// A message of a set that is to be shown first.
pub(super) struct Waits {
    set: Weak<dyn Commanded>,
    number: u64,
    changed: Arc<Notify>,
}

impl Waits {
    /// For the newest of the set's, if that is not shown yet.
    pub(super) fn of(set: &Arc<dyn Commanded>) -> Option<Self> {
        let number = set.last_taken()?;
        Some(Self { set: Arc::downgrade(set), number, changed: set.changed() })
    }

    async fn until_shown(&self) {
        let is_shown = || self.set.upgrade().is_none_or(|set| set.is_shown(self.number));
        until(&self.changed, is_shown).await;
    }
}

/// Waits for what is told of each change that may make it so.
pub(super) async fn until(changed: &Notify, is_so: impl Fn() -> bool) {
    loop {
        let mut changed = std::pin::pin!(changed.notified());
        changed.as_mut().enable();
        if is_so() {
            return;
        }
        changed.await;
    }
}

/// Carries out those that waited, in their order.
pub(super) async fn carry_out_here(
    mut taken: mpsc::UnboundedReceiver<Taken>,
    done: mpsc::UnboundedSender<Taken>,
    sets: Arc<Sets>,
    load: Arc<Load>,
) {
    let mut patience = Patience::new();
    while let Some(mut command) = taken.recv().await {
        if let Some(task) = command.here.take() {
            let shown = async {
                for waits in &command.waits {
                    waits.until_shown().await;
                }
            };
            // Late is better than not.
            let _ = timeout_at(command.until, shown).await;
            task.carry_out(&sets, &mut patience).await;
            load.is_done_here();
        }
        // Its reader goes with this.
        let _ = done.send(command);
    }
}

/// Appends them. The log is this task's: it ends behind the last, when it has a place.
pub(super) async fn place(
    mut done: mpsc::UnboundedReceiver<Taken>,
    log: ClientSet<String>,
    load: Arc<Load>,
    pulse: Arc<Pulse>,
) {
    let mut last = None;
    while let Some(Taken { text, waits, .. }) = done.recv().await {
        for waits in waits {
            waits.until_shown().await;
        }
        loop {
            match log.broadcast(&text) {
                Ok(receipt) => {
                    last = Some(receipt);
                    break;
                }
                Err(BroadcastError::Full { .. }) => {
                    // That one has its place when there is room.
                    let Some(receipt) = last.take() else { break };
                    let _ = receipt.await;
                }
                Err(error) => {
                    tracing::error!(%error, "a command is not told to other nodes");
                    break;
                }
            }
        }
        load.lets_go(text.len());
        pulse.lets_go(1);
    }
}
