//! A stream of the user's own as a source of blocks.

use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use futures_util::Stream;

use super::blocks::{Blocks, heartbeat, lost};
use super::closed::closed_block;
use crate::broadcast::{Leash, OnLag, RoomFull};
use crate::charge::paying;
use crate::ending::Ending;
use crate::message::Message;
use crate::server::{How, Observed, Tab};
use crate::wire::{Block, Framing, Outgoing};

/// A user's own stream: every item is encoded for this client alone.
pub(super) struct Streamed<S> {
    /// Gone once it has ended.
    stream: Option<Pin<Box<S>>>,
    /// Gone before it is served.
    tab: Option<Rc<Tab>>,
    leash: Named,
    /// Milliseconds after which the client comes back where the stream is refused what it reads of a set.
    comes_back: u32,
}

impl<S> Streamed<S> {
    pub(super) fn new(stream: S) -> Self {
        Self { stream: Some(Box::pin(stream)), tab: None, leash: Named(None), comes_back: 0 }
    }
}

impl<S> Streamed<S> {
    /// How it was ended by name, if it was: by itself, or by a set that it reads.
    fn told(&self) -> Option<Ending> {
        self.stream.as_ref()?;
        let by_set = self.tab.as_ref().and_then(|tab| tab.told());
        by_set.or_else(|| self.leash.told())
    }

    fn ends(&mut self, ending: &Ending, observed: &Observed) -> Outgoing {
        self.stream = None;
        observed.is_disconnected();
        Outgoing::Block(closed_block(ending, &format!("retry: {}\n", self.comes_back)))
    }
}

/// By what it is told to end, if a handle was taken; let go of with the stream.
struct Named(Option<Arc<Leash>>);

impl Named {
    fn told(&self) -> Option<Ending> {
        self.0.as_ref()?.told().map(|(ending, _)| ending)
    }

    /// The task waits, and is woken for what is told; how it was told, if that has come meanwhile.
    fn parks(&self, cx: &Context<'_>) -> Option<Ending> {
        let leash = self.0.as_ref()?;
        if leash.parks(cx.waker()) { None } else { self.told() }
    }
}

impl Drop for Named {
    fn drop(&mut self) {
        if let Some(leash) = &self.0 {
            leash.is_over();
        }
    }
}

impl<S> Blocks for Streamed<S>
where
    S: Stream,
    S::Item: Message,
{
    /// It belongs to no set.
    fn claim(&mut self) -> Result<(), RoomFull> {
        Ok(())
    }

    /// A stream of the user's own is asked when there is room: it never lags.
    fn default_on_lag(&mut self, _: OnLag) {}

    fn comes_back_after(&mut self, retry: u32) {
        self.comes_back = retry;
    }

    fn charge(&mut self, tab: Rc<Tab>) {
        self.tab = Some(tab);
    }

    fn is_named(&mut self, leash: &Arc<Leash>) {
        self.leash = Named(Some(Arc::clone(leash)));
    }

    fn opening(&self, retry: u64) -> String {
        format!("retry: {retry}\n\n")
    }

    fn poll_outgoing(
        &mut self,
        _: Framing,
        cx: &mut Context<'_>,
        observed: &Observed,
    ) -> Poll<Option<Outgoing>> {
        // What was given before its end by name goes out first.
        if let Some(ending) = self.told() {
            return Poll::Ready(Some(self.ends(&ending, observed)));
        }
        let Some(stream) = &mut self.stream else { return Poll::Ready(None) };
        let next = match &self.tab {
            Some(tab) => paying(Rc::clone(tab) as _, || stream.as_mut().poll_next(cx)),
            None => stream.as_mut().poll_next(cx),
        };
        if let Some(wait) = self.tab.as_ref().and_then(|tab| tab.refused()) {
            self.stream = None;
            observed.is_replayed_too_much();
            observed.ends(How::Refused);
            let retry = wait.as_millis() + u128::from(self.comes_back);
            let block = Block::of(&format!("retry: {retry}\n\n"));
            return Poll::Ready(Some(Outgoing::Block(block)));
        }
        if !matches!(next, Poll::Ready(Some(_)))
            && let Some(ending) = self.told().or_else(|| self.leash.parks(cx))
        {
            return Poll::Ready(Some(self.ends(&ending, observed)));
        }
        let Some(item) = ready!(next) else {
            observed.ends(How::Ended);
            return Poll::Ready(None);
        };
        let block = item.to_event().map(|event| event.into_block());
        let block = block.unwrap_or_else(|error| lost(&error, None));
        Poll::Ready(Some(Outgoing::Block(block)))
    }

    fn heartbeat(&mut self, shown: Option<String>) -> Block {
        heartbeat(shown)
    }
}
