//! The state that a mailbox's lock guards: frames that wait, and who waits for them.

use std::collections::VecDeque;
use std::sync::Arc;
use std::task::Waker;

use bytes::Bytes;
use tokio::sync::Notify;

use super::{MailboxLimits, PushError};
use crate::broadcast::SeatKey;
use crate::ending::Ending;
use crate::fanout::Sink;
use crate::websocket::source::Fence;
use crate::wire::Encoded;

/// Control frames that may wait. Section 5.5.3 allows to answer only the latest of several pings,
/// so a peer that pings without reading loses its oldest pongs and costs no more memory.
pub(super) const MAX_CONTROL_FRAMES: usize = 32;

/// Room for so many frames is kept while none waits.
pub(super) const KEPT: usize = 8;

/// In few bytes: every connection has one.
#[derive(Debug)]
pub(super) struct State {
    pub(super) most_bytes: u32,
    pub(super) most_frames: u16,
    pub(super) end: End,
    /// Boxed: for most connections nothing waits.
    pub(super) waiting: Option<Box<Waiting>>,
    /// Boxed: most connections have nothing of it.
    pub(super) beside: Option<Box<Beside>>,
    /// Whether the writer has found nothing, and is to be woken for what comes.
    pub(super) waits: bool,
    /// Where others write while the mailbox is empty; the writer has asked for that first, and is woken there
    /// if it is a body of actix's. Otherwise it is a part of the connection's task.
    pub(super) sink: Option<Arc<dyn Sink>>,
}

/// What is seldom needed.
#[derive(Debug, Default)]
pub(super) struct Beside {
    /// Notified when there is room, or never will be; made by the first who waits for it.
    pub(super) room: Option<Arc<Notify>>,
    /// By whom the connection is told to end.
    pub(super) order: Option<Order>,
}

/// That the connection is to end.
#[derive(Debug)]
pub(in crate::websocket) struct Order {
    pub(in crate::websocket) ending: Ending,
    /// Up to where the set of a seat goes first.
    pub(in crate::websocket) behind: Option<(SeatKey, u64)>,
}

#[derive(Debug, Default)]
pub(super) struct Waiting {
    /// Pongs and pings: they go before what waits in the queue.
    pub(super) control: VecDeque<Bytes>,
    pub(super) queue: VecDeque<Entry>,
    /// Of the queue.
    pub(super) bytes: usize,
}

/// How far the outgoing side has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    Open,
    /// Another thread has told the connection to end: no frame is taken but the close frame.
    Told,
    /// The close frame is queued, or was sent: no frame may follow it.
    Sealed,
    /// Sealed, and the body ends behind the close frame.
    Finished,
}

/// A frame and what must be sent before it.
#[derive(Debug)]
pub(in crate::websocket) struct Entry {
    /// Compressed, if at all, when its turn has come.
    pub(in crate::websocket) frame: Encoded,
    pub(in crate::websocket) fence: Fence,
}

/// Who is to be woken.
pub(super) enum Called {
    /// The writer is awake, or has not begun.
    Nobody,
    Task,
    Body(Option<Waker>),
}

/// What the writer finds in the mailbox.
#[derive(Debug)]
pub(in crate::websocket) enum Next {
    Control(Bytes),
    Entry(Entry),
    /// Nothing waits; the log may speak.
    Idle,
    /// The connection is to close.
    Told,
    /// The close frame was sent and the peer's is awaited.
    Sealed,
    /// The end.
    Finished,
}

impl State {
    pub(super) fn new(limits: MailboxLimits) -> Self {
        Self {
            most_bytes: u32::try_from(limits.bytes).unwrap_or(u32::MAX),
            most_frames: u16::try_from(limits.frames).unwrap_or(u16::MAX),
            end: End::Open,
            waiting: None,
            beside: None,
            waits: false,
            sink: None,
        }
    }

    pub(super) fn room(&self) -> Option<Arc<Notify>> {
        self.beside.as_ref()?.room.clone()
    }

    pub(super) fn accepts(&self, frame: &Encoded) -> Result<(), PushError> {
        if self.end != End::Open {
            return Err(PushError::Closed);
        }
        let Some(Waiting { queue, bytes, .. }) = self.waiting.as_deref() else { return Ok(()) };
        let bytes = bytes.saturating_add(frame.len());
        let (frames, most) = (usize::from(self.most_frames), self.most_bytes as usize);
        let room = queue.len() < frames && bytes <= most;
        if room || queue.is_empty() { Ok(()) } else { Err(PushError::Full) }
    }

    pub(super) fn push(&mut self, entry: Entry) -> Called {
        let waiting = self.waiting.get_or_insert_default();
        waiting.bytes += entry.frame.len();
        waiting.queue.push_back(entry);
        self.called()
    }

    /// Something waits now that nobody may overtake: who is to be woken for it.
    pub(super) fn called(&mut self) -> Called {
        let Some(sink) = &self.sink else { return Called::Nobody };
        sink.leases().revoke();
        if !std::mem::take(&mut self.waits) {
            Called::Nobody
        } else if sink.is_polled_by_actix() {
            Called::Body(sink.take_waker())
        } else {
            Called::Task
        }
    }
}
