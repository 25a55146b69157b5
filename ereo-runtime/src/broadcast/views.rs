//! A subscription's messages as one client sees them: filtered, or mapped.

use std::task::{Context, Poll, ready};

use super::entry::Received;
use super::leash::Leash;
use super::on_lag::OnLag;
use super::order::Start;
use super::presence::member::Who;
use super::room_full::RoomFull;
use super::source::{Source, Step};
use crate::log::Position;
use crate::sync::Arc;

/// Only the messages that `keep` wants.
pub(super) struct Filter<T> {
    pub(super) source: Box<dyn Source<T>>,
    pub(super) keep: Box<dyn Fn(&T) -> bool>,
}

impl<T> Source<T> for Filter<T> {
    fn join(&mut self) {
        self.source.join();
    }

    fn claim(&mut self) -> Result<(), RoomFull> {
        self.source.claim()
    }

    fn on_lag(&mut self) -> &mut Option<OnLag> {
        self.source.on_lag()
    }

    fn is_named(&mut self, leash: &Arc<Leash>) {
        self.source.is_named(leash);
    }

    fn enter_as(&mut self, who: Box<Who>) {
        self.source.enter_as(who);
    }

    fn poll_open(&mut self, last: Option<Position>, cx: &mut Context<'_>) -> Poll<Start> {
        self.source.poll_open(last, cx)
    }

    fn grew(&self, position: Position, bytes: usize) {
        self.source.grew(position, bytes);
    }

    fn replayed(&self) -> u64 {
        self.source.replayed()
    }

    fn poll_step(&mut self, cx: &mut Context<'_>) -> Poll<Option<Step<T>>> {
        Poll::Ready(match ready!(self.source.poll_step(cx)) {
            Some(Step::Message(position, message)) if !(self.keep)(&message) => {
                Some(Step::PassedOver(position))
            }
            step => step,
        })
    }
}

/// Every message as `view` shows it to this one client.
pub(super) struct Map<T, U> {
    pub(super) source: Box<dyn Source<T>>,
    pub(super) view: Box<dyn Fn(&T) -> U>,
}

impl<T, U> Source<U> for Map<T, U> {
    fn poll_open(&mut self, last: Option<Position>, cx: &mut Context<'_>) -> Poll<Start> {
        self.source.poll_open(last, cx)
    }

    fn join(&mut self) {
        self.source.join();
    }

    fn claim(&mut self) -> Result<(), RoomFull> {
        self.source.claim()
    }

    fn on_lag(&mut self) -> &mut Option<OnLag> {
        self.source.on_lag()
    }

    fn is_named(&mut self, leash: &Arc<Leash>) {
        self.source.is_named(leash);
    }

    fn enter_as(&mut self, who: Box<Who>) {
        self.source.enter_as(who);
    }

    fn replayed(&self) -> u64 {
        self.source.replayed()
    }

    fn poll_step(&mut self, cx: &mut Context<'_>) -> Poll<Option<Step<U>>> {
        Poll::Ready(ready!(self.source.poll_step(cx)).map(|step| match step {
            Step::Message(position, message) => {
                Step::Message(position, Received::own((self.view)(&message)))
            }
            Step::PassedOver(position) => Step::PassedOver(position),
            Step::Lagged { missed, position } => Step::Lagged { missed, position },
            Step::Forgotten { position } => Step::Forgotten { position },
            Step::Disconnected { missed } => Step::Disconnected { missed },
            Step::Told(ending) => Step::Told(ending),
        }))
    }
}
