//! A reader of a set as a WebSocket wants it: frames, without those that leave it out.

use std::task::{Context, Poll, ready};

use super::choices::Choices;
use super::client::Client;
use super::core::Core;
use super::item::Item;
use super::room_full::RoomFull;
use super::source::{Overtaken, overtaken, unreadable};
use crate::fanout::{Reading, Sink};
use crate::log::Next;
use crate::message::{EncodeError, Message};
use crate::sync::Arc;
use crate::wire::{ClientId, Encoded, Form, Format};

pub(crate) struct Frames<T> {
    client: Client<T>,
    form: Form,
}

/// What comes next for a socket: frames, of which one that could not be encoded is missing.
pub(crate) type FrameResult = Item<Result<Encoded, EncodeError>>;

impl From<Overtaken> for FrameResult {
    fn from(overtaken: Overtaken) -> Self {
        match overtaken {
            Overtaken::Skipped(reset) => Self::Reset(reset, ()),
            Overtaken::Disconnected(end) => Self::Ended(end),
        }
    }
}

impl<T: Message + 'static> Frames<T> {
    pub(super) fn try_join(core: Arc<Core<T>>, form: Form) -> Result<Self, RoomFull> {
        core.will_read_frames();
        let cursor = if core.is_open() { core.window().next } else { Client::<T>::NOWHERE };
        let mut client = Client::new(core, cursor);
        client.try_join("websocket")?;
        Ok(Self { client, form })
    }

    /// Waits until it is known where the set stands, where its store has to be asked, and begins there.
    pub(crate) fn poll_open(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        ready!(self.client.poll_opened(cx));
        let cursor = self.client.core().first_cursor();
        self.client.begin_at(cursor);
        Poll::Ready(())
    }

    /// Whether it waits for that.
    pub(crate) fn is_opening(&self) -> bool {
        self.client.cursor() == Client::<T>::NOWHERE
    }

    /// Where it begins, as far as that is known.
    pub(crate) fn first_cursor(&self) -> u64 {
        self.client.core().first_cursor()
    }

    /// What is said of it after it has joined.
    pub(crate) fn choices(&mut self) -> &mut Choices {
        &mut self.client.choices
    }

    /// Lets relays write to `sink` while it has nothing to send.
    pub(crate) fn relay_into(&mut self, sink: &Arc<dyn Sink>) {
        self.client.relay_into(sink);
    }

    /// Whether a relay wakes it for what is broadcast.
    pub(crate) fn is_relayed(&self) -> bool {
        self.client.is_relayed()
    }

    /// The next item for the client `id`; several messages at once, if they stand before `end`.
    #[inline]
    pub(crate) fn poll_item(
        &mut self,
        id: ClientId,
        end: u64,
        cx: &mut Context<'_>,
    ) -> Poll<Option<FrameResult>> {
        let format = Format::Frames(self.form);
        // The driver watches the credentials, and what it says of their end voids a relay's turn.
        let reading = Reading { format, client: Some(id), until: None };
        loop {
            return Poll::Ready(Some(match ready!(self.client.poll_relayed(reading, cx)) {
                Next::Closed => return Poll::Ready(None),
                Next::Entry(_, entry) | Next::Aside(entry) if !entry.is_for(id) => continue,
                Next::Aside(entry) => Item::Unplaced(entry.frame(self.form, &mut 0)),
                Next::Entry(offset, entry) => {
                    match self.client.several(format, offset, end, Some(id)) {
                        Some(part) => Item::Batch(part, ()),
                        None => {
                            Item::Message((), self.client.core().frame(self.form, offset, &entry))
                        }
                    }
                }
                Next::Lagged(kept) => Item::from(overtaken(&mut self.client, kept)),
                Next::Unreadable(kept) => Item::from(unreadable(&mut self.client, kept)),
            }));
        }
    }

    /// Offset of the message that is read next.
    pub(crate) fn cursor(&self) -> u64 {
        self.client.cursor()
    }

    /// Offset of the next message of the set.
    pub(crate) fn head(&self) -> u64 {
        self.client.core().window().next
    }
}
