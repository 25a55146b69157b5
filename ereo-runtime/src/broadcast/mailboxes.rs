//! The clients of a set that can be sent to alone: each has a mailbox of its own beside the log.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::message::EncodeError;
use crate::websocket::{Fence, Outbox, PushError, SourceKey};
use crate::wire::ClientId;
use crate::wire::Encoded;

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
}

struct Seated {
    /// Where the client reads the log; tells the seats of one client apart, so that the older one
    /// leaves without the newer one's entry.
    source: SourceKey,
    outbox: Outbox,
}

impl Mailboxes {
    pub(super) fn enter(&self, client: ClientId, source: SourceKey, outbox: Outbox) {
        let replaced = self.lock().insert(client, Seated { source, outbox });
        drop(replaced);
    }

    pub(super) fn leave(&self, client: ClientId, source: SourceKey) {
        let mut seats = self.lock();
        let is_last = seats.get(&client).is_some_and(|seated| seated.source == source);
        let left = is_last.then(|| seats.remove(&client));
        drop(seats);
        drop(left);
    }

    /// Sends a frame that goes out behind everything that the set had sent before `head`. Never waits.
    pub(super) fn push(
        &self,
        client: ClientId,
        frame: Encoded,
        head: u64,
    ) -> Result<(), SendError> {
        let found = self.lock().get(&client).map(|seated| (seated.source, seated.outbox.clone()));
        let (source, outbox) = found.ok_or(SendError::NoSuchClient(client))?;
        outbox.try_push(frame, Fence::at(source, head)).map_err(|error| match error {
            PushError::Full => SendError::Full(client),
            PushError::Closed => SendError::NoSuchClient(client),
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
