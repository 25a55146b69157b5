//! A source of whole blocks: what the response body sends one after the other.

use std::num::NonZeroU32;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use super::closed::closed_block;
use crate::broadcast::{
    End, Item, Leash, OnLag, Received, Reset, ResetReason, RoomFull, Subscription,
};
use crate::fanout::Sink;
use crate::log::{LastEventId, Position};
use crate::message::{EncodeError, Message};
use crate::server::{How, Observed, Tab};
use crate::wire::{Block, Framing, HEARTBEAT, Outgoing};

/// A source of blocks, each complete up to its blank line (WHATWG HTML section 9.2.5).
pub trait Blocks {
    /// What comes before everything else, up to and with a blank line.
    fn opening(&self, retry: u64) -> String;
    /// What comes next, or the end of the stream. What is worth it is told to `observed`.
    fn poll_outgoing(
        &mut self,
        framing: Framing,
        cx: &mut Context<'_>,
        observed: &Observed,
    ) -> Poll<Option<Outgoing>>;
    /// Waits until it is known where the stream begins.
    fn poll_opened(&mut self, _: &mut Context<'_>) -> Poll<()> {
        Poll::Ready(())
    }
    /// Counts as a client of its set from now on: an order to end all of the set's clients reaches it.
    fn join(&mut self) {}
    /// Takes the client's place in a set that may be full.
    fn claim(&mut self) -> Result<(), RoomFull>;
    /// What becomes of a reader that lags, unless the function said it.
    fn default_on_lag(&mut self, on_lag: OnLag);
    /// The client is told this `retry`, in milliseconds, before an end that it may have in common with
    /// many others.
    fn comes_back_after(&mut self, _retry: u32) {}
    /// How many bytes there are to be sent that this client did not see when they were broadcast.
    fn replayed(&self) -> u64 {
        0
    }
    /// It is told to end by this, as one of the connections that can be named.
    fn is_named(&mut self, leash: &Arc<Leash>);
    /// What [`replayed`](Blocks::replayed) says is paid for; what else it reads of sets, it pays for by this.
    fn charge(&mut self, tab: Rc<Tab>);
    /// Lets relays write to `sink` while there is nothing to send.
    fn relay_into(&mut self, _: &Arc<dyn Sink>) {}
    /// Whether nothing but what others write wakes it.
    fn is_quiet(&self) -> bool {
        false
    }
    /// What goes out when nothing else did for a while; `shown` is an event that the client asked for.
    fn heartbeat(&mut self, shown: Option<String>) -> Block;
    /// Whether it has ended for good, also where its server does.
    fn is_over(&self) -> bool {
        false
    }
}

/// The shared path: every block was encoded once for all readers.
pub(super) struct Subscribed<T> {
    subscription: Subscription<T>,
    /// The client's last id is this; behind the subscription's own where messages were passed over.
    told: Position,
    passed_over: u32,
    /// Milliseconds after which the client comes back if it lags or its credentials end; gone once that
    /// was told.
    comes_back: Option<NonZeroU32>,
}

/// The client's credentials have ended; without data the browser would fire no event. Its position
/// is the one that it has: what is not sent any more waits for it.
const EXPIRED: &str = "event: ereo.expired\ndata: {}\n\n";

/// So many passed-over messages in a row, and the client is told its position without waiting for
/// the heartbeat: else it would come back with one that has fallen out of the log.
const TELL_AFTER: u32 = 64;

impl<T: Message + 'static> Subscribed<T> {
    pub(super) fn new(subscription: Subscription<T>) -> Self {
        let told = subscription.position();
        Self { subscription, told, passed_over: 0, comes_back: Some(NonZeroU32::MIN) }
    }

    /// What goes out tells the client that it is here.
    fn tells(&mut self, position: Position) {
        self.told = position;
        self.passed_over = 0;
    }

    fn tell(&mut self, position: Position) -> Block {
        self.tells(position);
        Block::of(&format!("id: {}\n\n", self.subscription.last_event_id()))
    }

    /// The line that spreads the return of clients which end together.
    fn retry(&mut self) -> Option<String> {
        self.comes_back.take().map(|retry| format!("retry: {retry}\n"))
    }

    fn message(&mut self, position: Position, message: &Received<T>) -> Block {
        let block = self.subscription.event(position, message);
        let id = || Some(self.subscription.last_event_id());
        let block = block.unwrap_or_else(|error| lost(&error, id()));
        self.tells(position);
        block
    }

    fn reset(&mut self, reset: Reset, position: Position, observed: &Observed) -> Block {
        let Reset { reason, missed } = reset;
        observed.is_reset(reason.as_str());
        if reason == ResetReason::Lagged {
            observed.lags("skipped", missed.unwrap_or_default());
        }
        let id = self.subscription.last_event_id();
        self.tells(position);
        reset_block(reason, missed, Some(id))
    }

    /// What an end that the client is told of goes out as, once; behind that comes the end itself.
    fn end(&mut self, observed: &Observed) -> Option<Block> {
        match self.subscription.end() {
            None | Some(End::Over) => observed.ends(How::Ended),
            Some(End::Expired) => observed.expires(),
            Some(End::Refused) => observed.ends(How::Refused),
            Some(End::Told(ending)) => {
                let ending = (**ending).clone();
                let retry = self.retry()?;
                observed.is_disconnected();
                return Some(closed_block(&ending, &retry));
            }
            Some(&End::Lagged { missed }) => {
                let retry = self.retry()?;
                observed.lags("disconnected", missed);
                observed.ends(How::Lagged);
                return Some(Block::of(&(retry + "\n")));
            }
        }
        None
    }
}

impl<T: Message + 'static> Blocks for Subscribed<T> {
    fn poll_opened(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        ready!(self.subscription.poll_opened(cx));
        self.told = self.subscription.position();
        Poll::Ready(())
    }

    fn join(&mut self) {
        self.subscription.join();
    }

    fn is_over(&self) -> bool {
        self.subscription.end() == Some(&End::Over)
    }

    fn claim(&mut self) -> Result<(), RoomFull> {
        self.subscription.try_claim()
    }

    fn default_on_lag(&mut self, on_lag: OnLag) {
        self.subscription.set_on_lag(on_lag, true);
    }

    fn comes_back_after(&mut self, retry: u32) {
        self.comes_back = NonZeroU32::new(retry.max(1));
    }

    fn replayed(&self) -> u64 {
        self.subscription.replayed()
    }

    fn charge(&mut self, _: Rc<Tab>) {
        self.subscription.is_paid();
    }

    fn is_named(&mut self, leash: &Arc<Leash>) {
        self.subscription.is_named(leash);
    }

    fn opening(&self, retry: u64) -> String {
        // A client that cannot go on keeps its own id until the reset itself gives it a new one: a
        // connection lost between the two would else lose the news.
        if self.subscription.is_opening() || self.subscription.starts_with_reset() {
            return format!("retry: {retry}\n\n");
        }
        format!("retry: {retry}\nid: {}\n\n", self.subscription.last_event_id())
    }

    fn is_quiet(&self) -> bool {
        self.subscription.is_quiet()
    }

    fn relay_into(&mut self, sink: &Arc<dyn Sink>) {
        self.subscription.relay_into(sink);
    }

    fn poll_outgoing(
        &mut self,
        framing: Framing,
        cx: &mut Context<'_>,
        observed: &Observed,
    ) -> Poll<Option<Outgoing>> {
        if self.subscription.is_opening() {
            // What answers without a word of where it begins says so as soon as it knows.
            ready!(self.poll_opened(cx));
            if !self.subscription.starts_with_reset() {
                return Poll::Ready(Some(Outgoing::Block(self.tell(self.told))));
            }
        }
        if self.subscription.catch_up() {
            self.tells(self.subscription.position());
        }
        loop {
            let Some(item) = ready!(self.subscription.poll_batched(framing, cx)) else {
                return Poll::Ready(self.end(observed).map(Outgoing::Block));
            };
            let block = match item {
                Item::Message(position, message) => self.message(position, &message),
                Item::Unplaced(message) => {
                    let block = self.subscription.unplaced(&message);
                    block.unwrap_or_else(|error| lost(&error, None))
                }
                Item::PassedOver(position) => {
                    self.passed_over += 1;
                    if self.passed_over < TELL_AFTER {
                        continue;
                    }
                    self.tell(position)
                }
                Item::Batch(part, position) => {
                    self.tells(position);
                    return Poll::Ready(Some(Outgoing::Batch(part)));
                }
                Item::Reset(reset, position) => self.reset(reset, position, observed),
                // Of the credentials: the only end that comes as an item.
                Item::Ended(_) => Block::of(&(self.retry().unwrap_or_default() + EXPIRED)),
            };
            return Poll::Ready(Some(Outgoing::Block(block)));
        }
    }

    fn heartbeat(&mut self, shown: Option<String>) -> Block {
        let position = self.subscription.position();
        if position == self.told {
            return heartbeat(shown);
        }
        self.tells(position);
        let id = self.subscription.last_event_id();
        Block::of(&format!("{}id: {id}\n\n", shown.unwrap_or_default()))
    }
}

/// A heartbeat that leaves the client's position as it is.
pub(super) fn heartbeat(shown: Option<String>) -> Block {
    match shown {
        Some(event) => Block::of(&(event + "\n")),
        None => Block::of(HEARTBEAT),
    }
}

/// `event: ereo.reset`: the reader does not go on where it was; with the position at which the reader goes on, where it has one, as id in the same
/// block, so that a browser takes over the new position only together with the news.
fn reset_block(reason: ResetReason, missed: Option<u64>, id: Option<LastEventId>) -> Block {
    let reason = reason.as_str();
    let missed = missed.map_or_else(|| "null".to_owned(), |missed| missed.to_string());
    let id = id.map_or_else(String::new, |id| format!("id: {id}\n"));
    let data = format!(r#"{{"reason":"{reason}","missed":{missed}}}"#);
    Block::of(&format!("event: ereo.reset\ndata: {data}\n{id}\n"))
}

/// A message that could not be encoded here is traced and told as one that was missed.
pub(super) fn lost(error: &EncodeError, id: Option<LastEventId>) -> Block {
    tracing::error!(%error, "a message could not be encoded and is told to the client as missed");
    reset_block(ResetReason::Lagged, Some(1), id)
}
