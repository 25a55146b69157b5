//! Sources of a connection besides its own mailbox: shared logs, each read with its own cursor.

use std::slice;
use std::sync::Arc;
use std::task::{Context, Poll};

use crate::broadcast::{Choices, Item, SeatKey};
use crate::fanout::Sink;
use crate::wire::{ClientId, Encoded};

/// A stream of frames that many connections share, as seen by one of them.
///
/// The connection's response body polls it and passes its own waker, so a publisher wakes the body
/// and nothing stands between log and socket. Dropping the source leaves the log.
pub trait FrameSource {
    /// The next thing to send to `client`, whose source it is; several entries of the log at once only from
    /// before `end`. `Ready(None)`: nothing will come any more, the source is dropped.
    ///
    /// Called without any of the connection's locks held.
    fn poll_frame(
        &mut self,
        client: ClientId,
        end: u64,
        cx: &mut Context<'_>,
    ) -> Poll<Option<FrameItem>>;

    /// Lets relays write to `sink` while there is nothing to send.
    fn relay_into(&mut self, _: &Arc<dyn Sink>) {}

    /// What a seat says of it after it has joined; `None` where nobody asks, or it has ended.
    fn choices(&mut self) -> Option<&mut Choices> {
        None
    }

    /// Whether others send what there is, and nothing else wakes the connection for it.
    fn is_relayed(&self) -> bool {
        false
    }

    /// The offset of the entry that the next [`poll_frame`](FrameSource::poll_frame) looks at.
    fn position(&self) -> u64;

    /// The offset that the next entry of the log will get. What is sent to this connection alone
    /// after that entry was appended must arrive behind it; see `Fence`.
    fn head(&self) -> u64;
}

/// What a [`FrameSource`] has next: a frame is compressed, if at all, when its turn has come.
pub type FrameItem = Item<Encoded>;

/// Up to where sources must have been sent before a frame of the mailbox may follow.
///
/// Log and mailbox are two ways to one socket. Without a fence a `broadcast` followed by a `send`
/// could arrive in the other order.
#[derive(Debug, Clone, Default)]
pub struct Fence(Vec<(SeatKey, u64)>);

impl Fence {
    /// Waits for nothing.
    pub const NONE: Self = Self(Vec::new());

    /// Waits until the source stands at `head` or behind it.
    pub fn at(key: SeatKey, head: u64) -> Self {
        Self(vec![(key, head)])
    }

    /// Waits for no more of a source than what is before `head`.
    pub(super) fn lower(&mut self, key: SeatKey, head: u64) {
        for (_, until) in self.0.iter_mut().filter(|(fenced, _)| *fenced == key) {
            *until = head.min(*until);
        }
    }

    /// Takes what of it was broadcast before what stands behind this was sent. Who has sent over the
    /// connection itself, on its thread, has done so after all of it was read, or waits for it.
    pub(super) fn take_before(&self, read: &mut Option<Read>) -> Option<FrameItem> {
        let Read { key, position, item } = read.as_mut()?;
        let fence = self.0.iter().find(|(fenced, head)| fenced == key && head < position);
        match (fence, item) {
            (None, _) => read.take().map(|read| read.item),
            (Some((_, head)), Item::Batch(part, ())) => {
                part.split_before(*head).map(|part| Item::Batch(part, ()))
            }
            (Some(_), _) => None,
        }
    }
}

/// What a source has said, and is not sent yet.
#[derive(Debug)]
pub(super) struct Read {
    key: SeatKey,
    /// The source's position behind it.
    position: u64,
    pub(super) item: FrameItem,
}

/// A source that a connection was joined to.
type Joined = (SeatKey, Box<dyn FrameSource>);

/// The sources of one connection. Most join one set, and have room for no more.
pub(super) enum Sources {
    One(Joined),
    /// None, or two and more at some time.
    Several(Option<Box<Several>>),
}

pub(super) struct Several {
    joined: Vec<Joined>,
    /// Whose turn it is: a busy source must not starve the others.
    turn: usize,
}

impl Default for Sources {
    fn default() -> Self {
        Self::Several(None)
    }
}

impl Sources {
    pub(super) fn join(&mut self, key: SeatKey, source: Box<dyn FrameSource>) {
        let joined = (key, source);
        *self = match std::mem::take(self) {
            Self::Several(None) => Self::One(joined),
            Self::One(first) => {
                let joined = vec![first, joined];
                Self::Several(Some(Box::new(Several { joined, turn: 0 })))
            }
            Self::Several(Some(mut several)) => {
                several.joined.push(joined);
                Self::Several(Some(several))
            }
        };
    }

    fn joined(&self) -> &[Joined] {
        match self {
            Self::One(joined) => slice::from_ref(joined),
            Self::Several(several) => several.as_ref().map_or(&[], |several| &several.joined),
        }
    }

    fn joined_mut(&mut self) -> &mut [Joined] {
        match self {
            Self::One(joined) => slice::from_mut(joined),
            Self::Several(several) => {
                several.as_mut().map_or(&mut [], |several| &mut several.joined)
            }
        }
    }

    /// Whose turn it is, if there is any.
    fn turn(&self) -> usize {
        match self {
            Self::Several(Some(several)) => several.turn % several.joined.len().max(1),
            Self::Several(None) | Self::One(_) => 0,
        }
    }

    fn set_turn(&mut self, turn: usize) {
        if let Self::Several(Some(several)) = self {
            several.turn = turn;
        }
    }

    fn remove(&mut self, index: usize) -> Option<Box<dyn FrameSource>> {
        if let Self::Several(several) = self {
            return several.as_mut().map(|several| several.joined.remove(index).1);
        }
        match std::mem::take(self) {
            Self::One((_, source)) => Some(source),
            Self::Several(_) => None,
        }
    }

    pub(super) fn relay_into(&mut self, sink: &Arc<dyn Sink>) {
        for (_, source) in self.joined_mut() {
            source.relay_into(sink);
        }
    }

    /// Whether others wake the connection for all that they have.
    pub(super) fn are_relayed(&self) -> bool {
        self.joined().iter().all(|(_, source)| source.is_relayed())
    }

    /// What the seat of a source says of it.
    pub(super) fn choices(&mut self, key: SeatKey) -> Option<&mut Choices> {
        let source = self.joined_mut().iter_mut().find(|(joined, _)| *joined == key);
        source.and_then(|(_, source)| source.choices())
    }

    pub(super) fn leave(&mut self, key: SeatKey) -> Option<Box<dyn FrameSource>> {
        let index = self.joined().iter().position(|(joined, _)| *joined == key)?;
        self.remove(index)
    }

    /// A fence behind everything that was broadcast so far; empty, and without an allocation, for a
    /// connection that has been sent everything.
    pub(super) fn fence(&self) -> Fence {
        let behind = self.joined().iter().filter_map(|(key, source)| {
            let head = source.head();
            (source.position() < head).then_some((*key, head))
        });
        Fence(behind.collect())
    }

    /// The next frame of any source for `client`, in turns; several at once only from before `end`. `None` while all
    /// are waiting.
    #[inline]
    pub(super) fn poll(
        &mut self,
        client: ClientId,
        end: u64,
        cx: &mut Context<'_>,
    ) -> Option<Read> {
        let mut waiting = 0;
        loop {
            let turn = self.turn();
            let joined = self.joined_mut();
            if waiting >= joined.len() {
                return None;
            }
            let (key, source) = &mut joined[turn];
            match source.poll_frame(client, end, cx) {
                Poll::Ready(Some(item)) => {
                    let (key, position) = (*key, source.position());
                    self.set_turn(turn + 1);
                    return Some(Read { key, position, item });
                }
                Poll::Ready(None) => drop(self.remove(turn)),
                Poll::Pending => {
                    self.set_turn(turn + 1);
                    waiting += 1;
                }
            }
        }
    }

    /// The next frame that must go before what stands behind `fence`; several at once only from before
    /// `end`. `None` once nothing must.
    pub(super) fn poll_before(
        &mut self,
        client: ClientId,
        fence: &mut Fence,
        end: u64,
        cx: &mut Context<'_>,
    ) -> Option<FrameItem> {
        while let Some((key, head)) = fence.0.last() {
            let found = self.joined_mut().iter_mut().find(|(joined, _)| joined == key);
            if let Some((_, source)) = found
                && source.position() < *head
                && let Poll::Ready(Some(item)) = source.poll_frame(client, end.min(*head), cx)
            {
                return Some(item);
            }
            // Sent up to there, gone, or there is nothing for this connection up to there.
            fence.0.pop();
        }
        None
    }
}

impl std::fmt::Debug for Sources {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sources").field("joined", &self.joined().len()).finish_non_exhaustive()
    }
}
