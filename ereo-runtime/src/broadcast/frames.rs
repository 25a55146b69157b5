//! A reader of a set as a WebSocket wants it: frames, without those that leave it out.

use std::cell::Cell;
use std::rc::Rc;
use std::task::{Context, Poll, ready};

use super::ClientId;
use super::core::{Client, Core};
use super::on_lag::OnLag;
use super::shared::Next;
use super::source::{Overtaken, overtaken};
use crate::message::{EncodeError, Message};
use crate::sync::Arc;
use crate::websocket::{Encoded, Form};

pub(crate) struct Frames<T> {
    client: Client<T>,
    id: ClientId,
    form: Form,
    /// The seat's own choice, which it may still make after it has joined.
    on_lag: Rc<Cell<Option<OnLag>>>,
}

/// What there is for the client.
pub(crate) enum Step {
    Frame(Encoded),
    /// So many are missing; the reader goes on behind them.
    Missed(u64),
    /// So many are missing, and the set wants the client to leave for it.
    Disconnected(u64),
    /// This one could not be encoded, and is missing.
    Unencodable(EncodeError),
}

impl<T: Message> Frames<T> {
    pub(super) fn join(
        core: Arc<Core<T>>,
        id: ClientId,
        form: Form,
        on_lag: Rc<Cell<Option<OnLag>>>,
    ) -> Self {
        core.will_read_frames();
        let cursor = core.window().next;
        Self { client: Client::join(core, cursor), id, form, on_lag }
    }

    pub(crate) fn poll_step(&mut self, cx: &mut Context<'_>) -> Poll<Option<Step>> {
        loop {
            return Poll::Ready(Some(match ready!(self.client.reader().poll_next(cx)) {
                Next::Closed => return Poll::Ready(None),
                Next::Entry(_, entry) if !entry.is_for(self.id) => continue,
                Next::Entry(_, entry) => match entry.frame(self.form) {
                    Ok(frame) => Step::Frame(frame),
                    Err(error) => Step::Unencodable(error),
                },
                Next::Lagged(kept) => match overtaken(&mut self.client, kept, self.on_lag.get()) {
                    Overtaken::Skipped { missed } => Step::Missed(missed),
                    Overtaken::Disconnected { missed } => Step::Disconnected(missed),
                },
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
