//! Sends to the sockets of one client or member alone, wherever they are.

use std::collections::HashSet;

use super::core::Core;
use super::disconnect::Who;
use super::mailboxes::{DirectQueue, PushError, SeatKey, SendError};
use super::set::ClientSet;
use crate::message::{EncodeError, Sendable};
use crate::sync::Arc;
use crate::wire::{Encoded, encode_message};

impl<T> ClientSet<T> {
    /// Sends `message` to the sockets that are named, behind everything that was broadcast before: of a client, by its
    /// [`ClientId`](crate::ClientId) or its [`ClientName`](crate::ClientName), of a [member](Who::Member), or of all
    /// that sit in this set. Event streams are sent what is broadcast, and nothing else. It has no position and is not
    /// kept. Never waits.
    ///
    /// A member's sockets, and one that is named by its [`ClientName`](crate::ClientName), are sent to at whichever
    /// server they are, where the set's store is one that several have in common. Then the answer says that the message
    /// is on its way: it comes once, or not at all where there is nobody, or nobody who reads.
    ///
    /// ```
    /// use ereo_runtime::{ClientSet, SendError, Who};
    ///
    /// fn notify(set: &ClientSet<String>, user: &str, text: &str) -> Result<(), SendError> {
    ///     set.send_to(Who::Member(user), &text.to_owned())
    /// }
    /// # let nobody = notify(&ClientSet::new(), "ann", "hello");
    /// # assert!(matches!(nobody, Err(SendError::NoSuchMember)));
    /// ```
    ///
    /// # Errors
    /// When the message cannot be encoded, and where the sockets can only be here, when there is none or none that
    /// reads; otherwise when the store is so far behind that no more is held for it.
    pub fn send_to<'a>(&self, to: impl Into<Who<'a>>, message: &T) -> Result<(), SendError>
    where
        T: Sendable + Clone + Send + Sync + 'static,
    {
        let (core, who) = (self.core(), to.into());
        let frame = encode_message(message)?;
        let elsewhere = core.stored().filter(|_| who.may_be_elsewhere());
        let Some((stored, commands)) = elsewhere.and_then(|stored| stored.commands()) else {
            return core.deliver(who, &frame);
        };
        if who.named_here().is_some()
            && let here @ (Ok(()) | Err(SendError::Full(_))) = core.deliver(who, &frame)
        {
            return here;
        }
        let payload = stored.payload(message)?;
        let payload = String::from_utf8(payload.into()).map_err(|_| EncodeError::NotText)?;
        Ok(commands.send(stored.key(), who, payload)?)
    }
}

impl<T> Core<T> {
    /// Sends to sockets that sit in this set.
    pub(super) fn deliver(&self, who: Who<'_>, frame: &Encoded) -> Result<(), SendError> {
        let head = self.window().next;
        if let Who::Client(client) = who {
            let none = Err(SendError::NoSuchClient(client));
            let mailboxes = self.mailboxes_if_any();
            return mailboxes.map_or(none, |mailboxes| mailboxes.push(client, frame, head));
        }
        if let Some(client) = who.named_here() {
            return self.deliver(Who::Client(client), frame);
        }
        let mut sent = Err(SendError::NoSuchMember);
        for (seat, queue) in self.sockets(who) {
            match queue.push_behind(frame, seat, head) {
                Ok(()) => sent = Ok(()),
                Err(PushError::Full) if sent.is_err() => sent = Err(SendError::NobodyReads),
                Err(PushError::Full | PushError::Closed) => {}
            }
        }
        sent
    }

    /// Whom it may be sent to, each connection once, in however many seats it is.
    pub(super) fn sockets(&self, who: Who<'_>) -> Vec<(SeatKey, Arc<dyn DirectQueue>)> {
        let mailboxes = self.mailboxes_if_any();
        let mut all = match who {
            Who::Member(key) => {
                let presence = self.presence_if_any();
                let all = presence.map_or_else(Vec::new, |presence| presence.connections(key));
                all.into_iter().map(|entered| (entered.seat, entered.queue)).collect()
            }
            Who::All => mailboxes.map_or_else(Vec::new, |mailboxes| mailboxes.all()),
            Who::Client(_) | Who::Named(_) => {
                let client = who.named_here();
                let found = client.and_then(|client| mailboxes.and_then(|all| all.of(client)));
                found.into_iter().collect()
            }
        };
        let mut places = HashSet::new();
        all.retain(|(_, queue)| places.insert(Arc::as_ptr(queue).cast::<()>().addr()));
        all
    }
}
