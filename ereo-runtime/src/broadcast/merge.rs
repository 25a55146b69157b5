//! Several readers as one, with one position for all.

use std::task::{Context, Poll};

use super::delivery::{Beginning, End, Reset};
use super::item::Item;
use super::leash::Leash;
use super::on_lag::{OnLag, ResetReason};
use super::order::Start;
use super::presence::member::Who;
use super::room_full::RoomFull;
use super::source::{Source, StreamItem};
use super::subscription::Subscription;
use crate::ending::Ending;
use crate::log::{LastEventId, Position};
use crate::sync::Arc;

pub(super) struct Merge<T> {
    parts: Vec<Part<T>>,
    /// Whose turn it is: a busy set must not starve the others.
    turn: usize,
    /// How one of them was told to end, and how many messages of the others may still go before: these may be
    /// from before that.
    told: Option<(Box<Ending>, u32)>,
}

/// See there. Others may go on and on.
const BEFORE_THE_END: u32 = 1024;

enum Part<T> {
    Reading(Subscription<T>),
    /// Ended by itself, while the others go on.
    Ended {
        at: Box<LastEventId>,
        /// Whether that was with a last message, and for good.
        is_over: bool,
    },
}

impl<T: 'static> Merge<T> {
    pub(super) fn new(first: Subscription<T>, second: Subscription<T>) -> Self {
        Self { parts: vec![Part::Reading(first), Part::Reading(second)], turn: 0, told: None }
    }

    fn reading(&self) -> impl Iterator<Item = &Subscription<T>> {
        self.parts.iter().filter_map(|part| match part {
            Part::Reading(reader) => Some(reader),
            Part::Ended { .. } => None,
        })
    }

    fn reading_mut(&mut self) -> impl Iterator<Item = &mut Subscription<T>> {
        self.parts.iter_mut().filter_map(|part| match part {
            Part::Reading(reader) => Some(reader),
            Part::Ended { .. } => None,
        })
    }

    fn all(&self, of: impl Fn(&Subscription<T>) -> LastEventId) -> Option<LastEventId> {
        let ids = self.parts.iter().map(|part| match part {
            Part::Reading(reader) => of(reader),
            Part::Ended { at, .. } => **at,
        });
        Some(ids.fold(LastEventId::none(), LastEventId::and))
    }

    /// What it was told, once that may be said.
    fn told(&self, waits: bool) -> Option<StreamItem<T>> {
        let (ending, left) = self.told.as_ref()?;
        (waits || *left == 0).then(|| Item::Ended(End::Told(ending.clone())))
    }

    /// The end of the whole, once nobody reads any more.
    fn end(&self) -> Option<StreamItem<T>> {
        let is_over =
            self.parts.iter().any(|part| matches!(part, Part::Ended { is_over: true, .. }));
        is_over.then_some(Item::Ended(End::Over))
    }
}

impl<T: 'static> Source<T> for Merge<T> {
    fn join(&mut self) {
        self.reading_mut().for_each(Subscription::join);
    }

    fn poll_open(&mut self, _: LastEventId, cx: &mut Context<'_>) -> Poll<Start> {
        // Each is asked, so that each wakes the task.
        let waiting = self
            .reading_mut()
            .filter_map(|reader| reader.poll_opened(cx).is_pending().then_some(()));
        if waiting.count() > 0 {
            return Poll::Pending;
        }
        let Some(first) = self.reading().next() else { return Poll::Pending };
        let is_over = self.reading().all(|reader| reader.end() == Some(&End::Over));
        Poll::Ready(Start { head: first.head(), is_over, ..Start::at(first.position) })
    }

    fn claim(&mut self) -> Result<(), RoomFull> {
        self.reading_mut().try_for_each(Subscription::try_claim)
    }

    fn set_on_lag(&mut self, on_lag: OnLag, default: bool) {
        self.reading_mut().for_each(|reader| reader.set_on_lag(on_lag, default));
    }

    fn enter_as(&mut self, who: Box<Who>) {
        self.reading_mut().for_each(|reader| reader.enter_as(who.clone()));
    }

    fn is_named(&mut self, leash: &Arc<Leash>) {
        self.reading_mut().for_each(|reader| reader.is_named(leash));
    }

    fn replayed(&self) -> u64 {
        self.reading().map(Subscription::replayed).sum()
    }

    fn has_seen(&self, _: Position, such: &dyn Fn(&T) -> bool) -> bool {
        self.reading().any(|reader| reader.has_seen(such))
    }

    fn places(&self) -> Option<LastEventId> {
        self.all(Subscription::last_event_id)
    }

    fn heads(&self) -> Option<LastEventId> {
        self.all(Subscription::heads)
    }

    fn beginning(&self) -> Beginning {
        self.reading().map(Subscription::beginning).fold(Beginning::default(), Beginning::and)
    }

    fn open(&mut self) -> Option<Reset> {
        self.reading_mut().filter_map(Subscription::open).reduce(Reset::and)
    }

    fn grew(&self, position: Position, bytes: usize) {
        self.reading().for_each(|reader| reader.grew(position, bytes));
    }

    fn poll_item(&mut self, cx: &mut Context<'_>) -> Poll<Option<StreamItem<T>>> {
        if let Some(told) = self.told(false) {
            return Poll::Ready(Some(told));
        }
        let parts = self.parts.len();
        let mut waits = false;
        for turn in (self.turn..).take(parts).map(|turn| turn % parts) {
            let part = &mut self.parts[turn];
            let Part::Reading(reader) = part else { continue };
            let is_over = match reader.poll_part(cx) {
                Poll::Pending => {
                    waits = true;
                    continue;
                }
                Poll::Ready(None) => false,
                Poll::Ready(Some(Item::Ended(End::Over))) => true,
                Poll::Ready(Some(Item::Ended(End::Told(ending)))) => {
                    self.told.get_or_insert((ending, BEFORE_THE_END));
                    false
                }
                Poll::Ready(item) => {
                    self.turn = turn + 1;
                    if let Some((_, left)) = &mut self.told {
                        *left -= 1;
                    }
                    return Poll::Ready(item);
                }
            };
            let at = Box::new(reader.last_event_id());
            *part = Part::Ended { at, is_over };
        }
        match self.told(true) {
            Some(told) => Poll::Ready(Some(told)),
            None if waits => Poll::Pending,
            None => Poll::Ready(self.end()),
        }
    }
}

impl Reset {
    /// What is told once of both.
    fn and(self, other: Self) -> Self {
        let reason = match (self.reason, other.reason) {
            (ResetReason::Expired, reason) => reason,
            (reason, _) => reason,
        };
        let missed = self.missed.zip(other.missed).map(|(one, other)| one.saturating_add(other));
        Self { reason, missed }
    }
}

impl Beginning {
    fn and(self, other: Self) -> Self {
        Self {
            is_reset: self.is_reset || other.is_reset,
            given: self.given.max(other.given),
            known: self.known + other.known,
        }
    }
}
