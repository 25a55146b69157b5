//! The clients of a set that can be sent to alone: each has a mailbox of its own beside the log.

use std::collections::HashMap;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::ClientId;
use crate::message::EncodeError;
use crate::websocket::Encoded;

/// A client's own way in; the WebSocket module has the one that there is.
pub(crate) trait Mailbox: Send + Sync {
    /// Takes a frame that goes out behind everything that the set had sent before `head`. Never waits.
    fn push(&self, frame: Encoded, head: u64) -> Result<(), Refused>;
}

/// Why a mailbox does not take a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refused {
    Full,
    Gone,
}

/// Why a message could not be sent to one client.
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
}

#[derive(Default)]
pub(super) struct Mailboxes {
    seats: Mutex<HashMap<ClientId, Seated>>,
    next_seat: AtomicU64,
}

struct Seated {
    /// Tells the seats of one client apart: the older one leaves without the newer one's entry.
    seat: u64,
    mailbox: Arc<dyn Mailbox>,
}

impl Mailboxes {
    /// Enters a client and gives what [`Mailboxes::leave`] takes.
    pub(super) fn enter(&self, client: ClientId, mailbox: Arc<dyn Mailbox>) -> u64 {
        let seat = self.next_seat.fetch_add(1, Ordering::Relaxed);
        let replaced = self.lock().insert(client, Seated { seat, mailbox });
        drop(replaced);
        seat
    }

    pub(super) fn leave(&self, client: ClientId, seat: u64) {
        let mut seats = self.lock();
        let is_last = seats.get(&client).is_some_and(|seated| seated.seat == seat);
        let left = is_last.then(|| seats.remove(&client));
        drop(seats);
        drop(left);
    }

    pub(super) fn push(
        &self,
        client: ClientId,
        frame: Encoded,
        head: u64,
    ) -> Result<(), SendError> {
        let mailbox = self.lock().get(&client).map(|seated| Arc::clone(&seated.mailbox));
        let mailbox = mailbox.ok_or(SendError::NoSuchClient(client))?;
        mailbox.push(frame, head).map_err(|refused| match refused {
            Refused::Full => SendError::Full(client),
            Refused::Gone => SendError::NoSuchClient(client),
        })
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<ClientId, Seated>> {
        self.seats.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Mailboxes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mailboxes").field("seats", &self.lock().len()).finish_non_exhaustive()
    }
}
