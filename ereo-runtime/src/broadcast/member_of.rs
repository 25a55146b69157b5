//! A reader that is somebody's connection in a set that it does not read.

use std::task::{Context, Poll};

use tokio::time::Instant;

use super::choices::Choice;
use super::delivery::{Beginning, End, Reset};
use super::item::Item;
use super::leash::Leash;
use super::on_lag::OnLag;
use super::order::Start;
use super::presence::member::Who;
use super::room_full::RoomFull;
use super::source::{Source, StreamItem};
use super::views::leaves_to_source;
use crate::fanout::Sink;
use crate::log::{LastEventId, Position};
use crate::sync::Arc;
use crate::wire::Framing;

/// Enters it there, by what it is told to end.
type Enters = dyn FnOnce(&Arc<Leash>) -> Choice;

pub(super) struct MemberOf<T> {
    source: Box<dyn Source<T>>,
    /// Gone once it has entered.
    enters: Option<Box<Enters>>,
    /// Leaves when it is dropped.
    stay: Option<Choice>,
    /// By what that set tells it to end.
    leash: Arc<Leash>,
}

impl<T> MemberOf<T> {
    pub(super) fn new(
        source: Box<dyn Source<T>>,
        enters: impl FnOnce(&Arc<Leash>) -> Choice + 'static,
    ) -> Self {
        Self { source, enters: Some(Box::new(enters)), stay: None, leash: Leash::new() }
    }

    fn enter(&mut self) {
        if let Some(enters) = self.enters.take() {
            self.stay = Some(enters(&self.leash));
        }
    }

    /// What it was told by the set that it does not read: it ends behind what it was given.
    fn told<R>(&self, looked: &Poll<R>, cx: &Context<'_>) -> Option<StreamItem<T>> {
        let is_told = match looked {
            Poll::Pending => !self.leash.parks(cx.waker()),
            Poll::Ready(_) => self.leash.is_told(),
        };
        let (ending, _) = self.leash.told().filter(|_| is_told)?;
        Some(Item::Ended(End::Told(Box::new(ending))))
    }
}

impl<T> Drop for MemberOf<T> {
    fn drop(&mut self) {
        self.leash.is_over();
    }
}

impl<T> Source<T> for MemberOf<T> {
    leaves_to_source!(reader opens grew);

    fn join(&mut self) {
        self.enter();
        self.source.join();
    }

    fn has_seen(&self, position: Position, such: &dyn Fn(&T) -> bool) -> bool {
        self.source.has_seen(position, such)
    }

    fn relay_into(&mut self, sink: &Arc<dyn Sink>) {
        self.leash.goes_over(sink);
        self.source.relay_into(sink);
    }

    fn is_relayed(&self) -> bool {
        self.source.is_relayed()
    }

    fn catch_up(&mut self) -> Option<Position> {
        self.source.catch_up()
    }

    fn poll_item(&mut self, cx: &mut Context<'_>) -> Poll<Option<StreamItem<T>>> {
        self.enter();
        let item = self.source.poll_item(cx);
        match self.told(&item, cx) {
            Some(told) => Poll::Ready(Some(told)),
            None => item,
        }
    }

    fn poll_batched(
        &mut self,
        framing: Framing,
        until: Option<Instant>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<StreamItem<T>>> {
        self.enter();
        let item = self.source.poll_batched(framing, until, cx);
        match self.told(&item, cx) {
            Some(told) => Poll::Ready(Some(told)),
            None => item,
        }
    }
}
