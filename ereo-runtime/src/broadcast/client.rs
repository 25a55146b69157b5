//! One client of a set.

use std::num::NonZeroU64;
use std::task::{Context, Poll};

use super::choices::{Choice, Choices};
use super::core::{Core, LogReader};
use super::entry::Entry;
use super::leash::Leash;
use super::presence::member::{Entered, Who};
use super::room_full::RoomFull;
use super::rounds::{Round, Told};
use crate::ending::Ending;
use crate::fanout::{Membership, Reading, Sink};
use crate::log::Next;
use crate::message::Message;
use crate::progress::Progress;
use crate::sync::Arc;
use crate::wire::{ClientId, Format, Part, latency};

/// Not counted before it joins. Leaves on drop.
pub(super) struct Client<T> {
    reader: LogReader<T>,
    /// Where the log ended when it joined. What was broadcast before is replayed, and no matter of
    /// latency.
    live_from: Option<NonZeroU64>,
    pub(super) choices: Choices,
    /// Where others may write for it while it has nothing to send.
    relayed: Option<Membership>,
    progress: Progress,
}

impl<T> Client<T> {
    /// In place of the cursor of who waits for a log to be opened: nothing is ever there, nor at those before it that are
    /// [numbered](Core::cursor_to_open).
    pub(super) const NOWHERE: u64 = u64::MAX;

    pub(super) fn new(core: Arc<Core<T>>, cursor: u64) -> Self {
        let (choices, progress) = (Choices::default(), Progress::begin(core.place(), cursor));
        let reader = LogReader::new(core, cursor);
        Self { reader, live_from: None, choices, relayed: None, progress }
    }

    /// Waits until it is known where the log stands, or it is closed.
    pub(super) fn poll_opened(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let cursor = self.reader.cursor();
        if self.core().has_opened(cursor) {
            return Poll::Ready(());
        }
        // Parked, it is woken by whatever happens to the log.
        if self.reader.poll_next(cx).is_ready() || self.core().has_opened(cursor) {
            return Poll::Ready(());
        }
        Poll::Pending
    }

    /// Begins at `cursor`, once the log is open.
    pub(super) fn begin_at(&mut self, cursor: u64) {
        self.reader = LogReader::new(Arc::clone(self.core()), cursor);
        self.progress.reaches(cursor);
        if self.live_from.is_some() {
            self.has_joined();
        }
    }

    /// Joins, whether the set is full or not; without effect where it has joined.
    #[inline]
    pub(super) fn join(&mut self) {
        if self.live_from.is_none() {
            self.core().clients.join();
            self.has_joined();
        }
    }

    /// Joins a set that may be full. A client is an event stream or a socket, as `kind` says.
    pub(super) fn try_join(&mut self, kind: &'static str) -> Result<(), RoomFull> {
        let most = self.core().settings().max_clients.unwrap_or(usize::MAX);
        if self.live_from.is_none() {
            if self.core().refused().is_some() {
                // Counted and traced when the room was asked for.
                return Err(RoomFull);
            }
            if !self.core().clients.try_join(most) {
                return Err(RoomFull::refused(kind));
            }
            self.has_joined();
        }
        Ok(())
    }

    fn has_joined(&mut self) {
        // Offsets begin at 1.
        self.live_from = NonZeroU64::new(self.reader.is_there());
    }

    /// Lets a relay write to `sink`.
    pub(super) fn relay_into(&mut self, sink: &Arc<dyn Sink>) {
        if let Some(leash) = self.choices.leash() {
            leash.goes_over(sink);
        }
        self.relayed = Some(Membership::new(Arc::clone(sink)));
    }

    /// Whether a relay serves it while it has nothing to send.
    pub(super) fn is_relayed(&self) -> bool {
        self.relayed.as_ref().is_some_and(Membership::is_inside)
    }

    /// Goes on behind what a relay has sent; whether that was anything.
    pub(super) fn catch_up(&mut self) -> bool {
        let sent = self.relayed.as_ref().and_then(|relayed| relayed.cursor());
        sent.is_some_and(|cursor| {
            cursor > self.reader.cursor() && {
                self.reader.skip_to(cursor);
                self.progress.reaches(cursor);
                true
            }
        })
    }

    /// What comes next; an entry is taken with it.
    pub(super) fn poll_next(
        &mut self,
        kind: &'static str,
        cx: &mut Context<'_>,
    ) -> Poll<Next<Arc<Entry<T>>>> {
        let next = self.reader.poll_next(cx);
        self.took(kind, &next);
        next
    }

    /// Reads what has come since a look that found nothing, and does not wait for more: its client is told to end.
    pub(super) fn look_again(&mut self, kind: &'static str) -> Poll<Next<Arc<Entry<T>>>> {
        self.catch_up();
        let next = self.reader.read().map_or(Poll::Pending, Poll::Ready);
        self.took(kind, &next);
        next
    }

    /// The same for one whose messages a relay may send while there is nothing to read.
    pub(super) fn poll_relayed(
        &mut self,
        reading: Reading,
        cx: &mut Context<'_>,
    ) -> Poll<Next<Arc<Entry<T>>>>
    where
        T: Message + 'static,
    {
        self.catch_up();
        let next = match &mut self.relayed {
            Some(relayed) if relayed.is_worthwhile(self.reader.log()) => match self.reader.read() {
                Some(next) => Poll::Ready(next),
                None => {
                    // The relay is a task of this thread: it does not look at the log meanwhile.
                    let at = (self.reader.cursor(), self.reader.seen());
                    relayed.enter(self.reader.log(), at, reading, &self.progress, cx.waker());
                    Poll::Pending
                }
            },
            _ => self.reader.poll_next(cx),
        };
        self.took(reading.format.label(), &next);
        next
    }

    fn took(&self, kind: &'static str, next: &Poll<Next<Arc<Entry<T>>>>) {
        if let Poll::Ready(Next::Entry(offset, entry)) = next {
            self.progress.reaches(offset + 1);
            if *offset >= self.live_from() {
                latency::taken(kind, *offset, entry.at);
            }
        }
    }

    fn live_from(&self) -> u64 {
        self.live_from.map_or(u64::MAX, NonZeroU64::get)
    }

    /// The entry at `offset`, which was just taken, and those behind it that stand before `end` and are
    /// for `client`, in one piece; `None` if there are none behind it.
    #[inline]
    pub(super) fn several(
        &mut self,
        format: Format,
        offset: u64,
        end: u64,
        client: Option<ClientId>,
    ) -> Option<Part>
    where
        T: Message,
    {
        if !self.reader.is_behind() {
            return None;
        }
        let end = if self.core().has_asides() { end.min(self.reader.fence()) } else { end };
        if offset + 1 >= end {
            return None;
        }
        let part = self.core().batch(format, offset, &self.reader)?;
        Some(self.take(part.up_to(end).up_to_exception(client), format, offset))
    }

    fn take(&mut self, part: Part, format: Format, offset: u64) -> Part {
        // The entry itself was measured when it was taken.
        let live_from = self.live_from().max(offset + 1);
        for (offset, at) in part.measured().filter(|(offset, _)| *offset >= live_from) {
            latency::taken(format.label(), offset, at);
        }
        self.reader.skip_to(part.next());
        self.progress.reaches(part.next());
        part
    }

    /// Goes on at `cursor`, which is ahead, and tells how many entries are left out.
    pub(super) fn skip_to(&mut self, cursor: u64) -> u64 {
        self.progress.reaches(cursor);
        self.reader.skip_to(cursor)
    }

    /// Makes the client one of a member's connections, and no longer one of another's.
    pub(super) fn enter(&mut self, who: Who) {
        let leash = Arc::clone(self.leash());
        let entered = Entered { seat: leash.seat(), queue: leash };
        let stay = Choice::Stay(self.core().presence().enter(who, entered));
        drop(self.choices.choose(stay));
    }

    /// It is told to end by this, and can be named in the set.
    pub(super) fn is_named(&mut self, leash: &Arc<Leash>) {
        // One that is a member's already, or another's, keeps what it has.
        if self.choices.leash().is_none() {
            leash.is_in_set();
            self.choices.leash_or(|| Arc::clone(leash));
            self.core().mailboxes().enter(leash.id(), leash.seat(), Arc::clone(leash) as _);
        }
    }

    /// By what it is told to end from now on, if it was not before.
    fn leash(&mut self) -> &Arc<Leash> {
        let sink = self.relayed.as_ref().map(Membership::sink);
        self.choices.leash_or(|| {
            let leash = Leash::new();
            leash.is_in_set();
            if let Some(sink) = sink {
                leash.goes_over(&sink);
            }
            leash
        })
    }

    /// Whether it, which has come in `round`, was told to end. To be asked behind a look at the log; where that
    /// has found nothing, the task is woken for an order that comes later.
    #[inline]
    pub(super) fn is_told<R>(&self, round: Round, looked: &Poll<R>, cx: &Context<'_>) -> bool {
        let by_name = |leash: &Leash| {
            if looked.is_pending() { !leash.parks(cx.waker()) } else { leash.is_told() }
        };
        self.core().clients.rounds.current() != round
            || self.choices.leash().is_some_and(|leash| by_name(leash))
    }

    /// The ending that has come in `round`, with the offset up to which messages go before it.
    pub(super) fn told(&mut self, round: Round) -> &Told {
        let told = self.choices.told().take().unwrap_or_else(|| Box::new(self.look_up(round)));
        self.choices.told().insert(told)
    }

    #[cold]
    fn look_up(&self, round: Round) -> Told {
        let by_name = self.choices.leash().and_then(|leash| leash.told()).map(|(ending, until)| {
            // Without it, behind all that is there now.
            Told { ending, until: until.unwrap_or_else(|| self.core().window().next) }
        });
        let told = by_name.or_else(|| self.core().clients.rounds.told(round));
        // One of the two is why it is asked.
        told.unwrap_or_else(|| Told { ending: Ending::code(1000, ""), until: 0 })
    }

    pub(super) fn core(&self) -> &Arc<Core<T>> {
        self.reader.log()
    }

    /// Offset of the message that is read next.
    pub(super) fn cursor(&self) -> u64 {
        let sent = self.relayed.as_ref().and_then(|relayed| relayed.cursor());
        self.reader.cursor().max(sent.unwrap_or_default())
    }
}

impl<T> Drop for Client<T> {
    fn drop(&mut self) {
        if let (Some(leash), Some(mailboxes)) =
            (self.choices.leash(), self.core().mailboxes_if_any())
        {
            mailboxes.leave(leash.id(), leash.seat());
        }
        if self.live_from.is_none() {
            return;
        }
        self.core().clients.leave();
        if self.core().clients.len() == 0 {
            self.core().forget_batches();
        }
    }
}
