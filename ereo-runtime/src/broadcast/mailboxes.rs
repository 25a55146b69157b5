//! The clients of a set that can be sent to alone: each has a mailbox of its own beside the log.

use std::collections::HashMap;
use std::fmt;
use std::num::NonZeroU64;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::broadcast_error::BroadcastError;
use crate::ending::Ending;
use crate::message::EncodeError;
use crate::sync::{Mutex, MutexGuard, lock};
use crate::wire::{ClientId, Encoded};

/// Why a message could not be sent to one client.
///
/// ```
/// use ereo_runtime::{ClientId, ClientSet, SendError};
///
/// fn whisper(set: &ClientSet<String>, to: ClientId, text: &str) -> Result<bool, SendError> {
///     match set.send_to(to, &text.to_owned()) {
///         Ok(()) => Ok(true),
///         Err(SendError::NoSuchClient(_)) => Ok(false),
///         Err(other) => Err(other),
///     }
/// }
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SendError {
    /// The message could not be encoded.
    #[error(transparent)]
    Encode(#[from] EncodeError),
    /// The client is none of the set's, or has left.
    #[error("client {0} is not in this set")]
    NoSuchClient(ClientId),
    /// The client does not read what it was sent before.
    #[error("client {0} does not read as fast as it is sent to")]
    Full(ClientId),
    /// No socket of that name is in the set.
    #[error("nobody of that name is in this set with a socket")]
    NoSuchMember,
    /// None of these sockets reads what it was sent before.
    #[error("no socket of that name reads as fast as it is sent to")]
    NobodyReads,
    /// It may be another server's, and the set's store does not take what that is to be told.
    #[error(transparent)]
    Store(#[from] BroadcastError),
}

/// Why a frame was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PushError {
    /// The client does not read as fast as it is sent to.
    #[error("the connection's mailbox is full")]
    Full,
    /// The connection has ended, or its close frame is on the way.
    #[error("the connection is closed")]
    Closed,
}

/// A client's own queue, beside the log: a socket's mailbox.
pub trait DirectQueue: Send + Sync {
    /// Queues `frame` behind everything that the set of `seat` had sent before `head`. Never waits.
    ///
    /// # Errors
    /// [`PushError`] if there is no room or no connection.
    fn push_behind(&self, frame: &Encoded, seat: SeatKey, head: u64) -> Result<(), PushError>;

    /// Ends the client's connection, behind everything that the set of `seat` had sent before its head where
    /// that is given, and otherwise behind what was sent by now. Never waits. Whether it was told: not if it
    /// had ended, or was told before.
    fn end(&self, ending: &Ending, behind: Option<(SeatKey, u64)>) -> bool;

    /// Whether it is told where all readers of its set are.
    fn is_told_with_all(&self) -> bool {
        false
    }

    /// Whether the connection has not ended, and was not told to.
    fn is_open(&self) -> bool;
}

/// Names one seat of a client in a set, among all of the process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SeatKey(NonZeroU64);

impl SeatKey {
    pub(crate) fn next() -> Self {
        static LAST: AtomicU64 = AtomicU64::new(0);
        // Only uniqueness matters; and no process joins so often that the numbers come round.
        Self(NonZeroU64::MIN.saturating_add(LAST.fetch_add(1, Ordering::Relaxed)))
    }
}

impl Seated {
    fn to_be_told(&self) -> (SeatKey, Arc<dyn DirectQueue>) {
        (self.seat, Arc::clone(&self.queue))
    }
}

#[derive(Default)]
pub(super) struct Mailboxes {
    seats: Mutex<HashMap<ClientId, Seated>>,
}

struct Seated {
    /// Tells the seats of one client apart, so that the older one leaves without the newer one's entry.
    seat: SeatKey,
    queue: Arc<dyn DirectQueue>,
}

impl Mailboxes {
    pub(super) fn enter(&self, client: ClientId, seat: SeatKey, queue: Arc<dyn DirectQueue>) {
        let replaced = self.lock().insert(client, Seated { seat, queue });
        drop(replaced);
    }

    pub(super) fn leave(&self, client: ClientId, seat: SeatKey) {
        let mut seats = self.lock();
        let is_last = seats.get(&client).is_some_and(|seated| seated.seat == seat);
        let left = is_last.then(|| seats.remove(&client));
        drop(seats);
        drop(left);
    }

    /// Sends a frame that goes out behind everything that the set had sent before `head`. Never waits.
    pub(super) fn push(
        &self,
        client: ClientId,
        frame: &Encoded,
        head: u64,
    ) -> Result<(), SendError> {
        let found = self.lock().get(&client).map(Seated::to_be_told);
        let (seat, queue) = found.ok_or(SendError::NoSuchClient(client))?;
        queue.push_behind(frame, seat, head).map_err(|error| match error {
            PushError::Full => SendError::Full(client),
            PushError::Closed => SendError::NoSuchClient(client),
        })
    }

    /// Ends the connection of one client; whether it was told.
    pub(super) fn end(&self, client: ClientId, ending: &Ending, head: u64) -> bool {
        let found = self.lock().get(&client).map(Seated::to_be_told);
        found.is_some_and(|(seat, queue)| queue.end(ending, Some((seat, head))))
    }

    /// Ends those of all that are told alone; how many were told.
    pub(super) fn end_all(&self, ending: &Ending, head: u64) -> usize {
        let found = self.all();
        let told = |(seat, queue): &&(SeatKey, Arc<dyn DirectQueue>)| {
            !queue.is_told_with_all() && queue.end(ending, Some((*seat, head)))
        };
        found.iter().filter(told).count()
    }

    /// The connection of one client.
    pub(super) fn of(&self, client: ClientId) -> Option<(SeatKey, Arc<dyn DirectQueue>)> {
        self.lock().get(&client).map(Seated::to_be_told)
    }

    /// The connections of all.
    pub(super) fn all(&self) -> Vec<(SeatKey, Arc<dyn DirectQueue>)> {
        self.lock().values().map(Seated::to_be_told).collect()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<ClientId, Seated>> {
        lock(&self.seats)
    }
}

impl fmt::Debug for Mailboxes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mailboxes").field("seats", &self.lock().len()).finish_non_exhaustive()
    }
}
