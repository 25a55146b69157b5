//! A reader of a set as a WebSocket wants it: frames, without those that leave it out.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::task::{Context, Poll, ready};

use super::ClientId;
use super::batch::Part;
use super::client::{Client, Reading};
use super::core::Core;
use super::on_lag::OnLag;
use super::presence::{Info, Presence, Stay, Who};
use super::room_full::RoomFull;
use super::shared::Next;
use super::source::{Overtaken, overtaken};
use super::wire::Wire;
use crate::message::{EncodeError, Message};
use crate::server::Outlet;
use crate::sync::Arc;
use crate::websocket::{Encoded, Form};

pub(crate) struct Frames<T> {
    client: Client<T>,
    id: ClientId,
    form: Form,
    choices: Rc<Choices>,
}

/// What a seat says of its connection after it has joined.
#[derive(Default)]
pub(crate) struct Choices {
    /// What becomes of it when it lags, before what the set says.
    pub(crate) on_lag: Cell<Option<OnLag>>,
    /// Whether the reader has ended. Then the connection is no member's, whether the seat is still held
    /// or not.
    over: Cell<bool>,
    /// Where the connection is one of a member's.
    stay: RefCell<Option<Box<Stay>>>,
}

impl Choices {
    /// Those of a seat that was refused.
    pub(crate) fn of_nobody() -> Self {
        Self { over: Cell::new(true), ..Self::default() }
    }

    /// Enters, and leaves as whom it was before.
    pub(super) fn enter(&self, presence: &Arc<Presence>, who: Who) {
        if self.over.get() {
            return;
        }
        let stay = presence.enter(who);
        // Those who were woken by that may have ended the connection.
        if !self.over.get() {
            self.replace(Some(Box::new(stay)));
        }
    }

    /// Gives the member another info; `false` where there is none.
    pub(crate) fn update(&self, info: Info) -> bool {
        let whose = self.stay.borrow().as_ref().map(|stay| stay.whose().clone());
        let Some(whose) = whose else { return false };
        whose.update(info);
        true
    }

    fn replace(&self, stay: Option<Box<Stay>>) {
        let before = self.stay.replace(stay);
        // It wakes readers: not while the cell is borrowed.
        drop(before);
    }
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
    /// This one could not be encoded, and is missing.
    Unencodable(EncodeError),
}

impl<T: Message + 'static> Frames<T> {
    pub(super) fn try_join(
        core: Arc<Core<T>>,
        id: ClientId,
        form: Form,
        choices: Rc<Choices>,
    ) -> Result<Self, RoomFull> {
        core.will_read_frames();
        let cursor = core.window().next;
        let mut client = Client::new(core, cursor);
        client.try_join("websocket")?;
        Ok(Self { client, id, form, choices })
    }

    /// Lets others write to `outlet` while it has nothing to send.
    pub(crate) fn over(&mut self, outlet: &Arc<Outlet>) {
        self.client.over(outlet);
    }

    /// Several messages at once, if they stand before `end`.
    #[inline]
    pub(crate) fn poll_step(&mut self, end: u64, cx: &mut Context<'_>) -> Poll<Option<Step>> {
        let (id, wire) = (self.id, Wire::Frames(self.form));
        // The driver watches the credentials, and what it says of their end voids a relay's turn.
        let reading = Reading { wire, client: Some(id), until: None };
        loop {
            return Poll::Ready(Some(match ready!(self.client.poll_relayed(reading, cx)) {
                Next::Closed => return Poll::Ready(None),
                Next::Entry(_, entry) if !entry.is_for(id) => continue,
                Next::Entry(offset, entry) => {
                    match self.client.several(wire, offset, end, Some(id)) {
                        Some(part) => Step::Batch(part),
                        None => match entry.frame(self.form) {
                            Ok(frame) => Step::Frame(frame),
                            Err(error) => Step::Unencodable(error),
                        },
                    }
                }
                Next::Lagged(kept) => {
                    match overtaken(&mut self.client, kept, self.choices.on_lag.get()) {
                        Overtaken::Skipped { missed } => Step::Missed(missed),
                        Overtaken::Disconnected { missed } => Step::Disconnected(missed),
                    }
                }
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

impl<T> Drop for Frames<T> {
    fn drop(&mut self) {
        self.choices.over.set(true);
        self.choices.replace(None);
    }
}
