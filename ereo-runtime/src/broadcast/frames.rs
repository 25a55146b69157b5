//! A reader of a set as a WebSocket wants it: frames, without those that leave it out.

use std::task::{Context, Poll, ready};

use super::choices::Choices;
use super::client::Client;
use super::core::Core;
use super::on_lag::ResetReason;
use super::room_full::RoomFull;
use super::source::{Overtaken, overtaken, unreadable};
use crate::fanout::{Reading, Sink};
use crate::log::Next;
use crate::message::{EncodeError, Message};
use crate::sync::Arc;
use crate::wire::{ClientId, Encoded, Form, Format, Part};

pub(crate) struct Frames<T> {
    client: Client<T>,
    form: Form,
}

/// What there is for the client.
pub(crate) enum Step {
    Frame(Encoded),
    /// The frames of several messages.
    Batch(Part),
    /// So many are missing; the reader goes on behind them.
    Missed(u64),
    /// So many are missing, and the set wants the client to leave for it.
    Disconnected(u64),
    /// The set's store has forgotten what was sent, or has what cannot be read; the reader goes on where the set is, or
    /// behind that.
    Reset(ResetReason, Option<u64>),
    /// This one could not be encoded, and is missing.
    Unencodable(EncodeError),
}

impl From<Overtaken> for Step {
    fn from(overtaken: Overtaken) -> Self {
        match overtaken {
            Overtaken::Skipped { missed } => Self::Missed(missed),
            Overtaken::Disconnected { missed } => Self::Disconnected(missed),
            Overtaken::Forgotten => Self::Reset(ResetReason::Epoch, None),
            Overtaken::Unreadable { missed } => Self::Reset(ResetReason::Unreadable, Some(missed)),
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

    /// What there is for the client `id`; several messages at once, if they stand before `end`.
    #[inline]
    pub(crate) fn poll_step(
        &mut self,
        id: ClientId,
        end: u64,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Step>> {
        let format = Format::Frames(self.form);
        // The driver watches the credentials, and what it says of their end voids a relay's turn.
        let reading = Reading { format, client: Some(id), until: None };
        loop {
            return Poll::Ready(Some(match ready!(self.client.poll_relayed(reading, cx)) {
                Next::Closed => return Poll::Ready(None),
                Next::Entry(_, entry) | Next::Aside(entry) if !entry.is_for(id) => continue,
                Next::Aside(entry) => match entry.frame(self.form, &mut 0) {
                    Ok(frame) => Step::Frame(frame),
                    Err(error) => Step::Unencodable(error),
                },
                Next::Entry(offset, entry) => {
                    match self.client.several(format, offset, end, Some(id)) {
                        Some(part) => Step::Batch(part),
                        None => match self.client.core().frame(self.form, offset, &entry) {
                            Ok(frame) => Step::Frame(frame),
                            Err(error) => Step::Unencodable(error),
                        },
                    }
                }
                Next::Lagged(kept) => Step::from(overtaken(&mut self.client, kept)),
                Next::Unreadable(kept) => Step::from(unreadable(&mut self.client, kept)),
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
