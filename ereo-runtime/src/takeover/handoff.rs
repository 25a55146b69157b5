//! The response body that hands its stream over to a [`Writer`], once actix holds nothing of it.

use std::convert::Infallible;
use std::panic::resume_unwind;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use crate::meters::counter;
use actix_web::body::{BodySize, MessageBody};
use actix_web::http::Version;
use bytes::Bytes;
use tokio::time::{Sleep, sleep};

use super::dispatch::Dispatch;
use super::probe::Tap;
use super::writer::Writer;
use super::{Sending, SocketSink};
use crate::worker::Executor;

/// So often it is looked whether actix has flushed, in as many turns of its task. Three are usual; a
/// connection that needs more has a peer that does not read, and stays where it is.
const LOOKS: u32 = 16;

/// How long a dispatcher that is about to be ended waits between two looks at a peer that does not
/// read.
const BETWEEN_LOOKS: Duration = Duration::from_millis(10);

/// True if a dispatcher can be left by unwinding it, as that of an event stream is.
pub(crate) const UNWINDS: bool = cfg!(panic = "unwind");

/// The payload that unwinds the dispatcher of an event stream.
struct HandedOver;

/// To whom a writer is left.
pub(crate) trait Successor<S: Sending>: Unpin + 'static {
    /// Lets it write, in a turn of its own.
    fn go_on(self, writer: Writer<S>);
}

/// The executor of event streams.
pub(crate) type StreamExecutor<S> = Executor<Writer<S>>;

impl<S: Sending> Successor<S> for StreamExecutor<S> {
    fn go_on(self, writer: Writer<S>) {
        self.add(writer, Arc::new(self.wake_token()));
    }
}

/// A response body: in the end one of the two writers.
pub(crate) struct Handoff<S: Sending, G>(State<S, G>);

enum State<S: Sending, G> {
    /// It is not known yet whether actix has flushed. Boxed: it is the largest, and soon over.
    Looking(Box<Looking<S, G>>),
    /// actix writes; behind the end, it must have flushed before its dispatcher ends.
    Dispatched { dispatch: Dispatch<S>, end: Option<Tap> },
    /// Everything is said; see [`Handoff::size`].
    Ending(Box<Ending>),
    /// The writer writes, or nothing is left to be written.
    Over,
}

struct Looking<S, G> {
    sending: S,
    go_on: G,
    tap: Tap,
    flushed: Flushed,
    looks: u32,
}

struct Ending {
    tap: Tap,
    flushed: Flushed,
    again: Option<Pin<Box<Sleep>>>,
}

impl<S: Sending, G> State<S, G> {
    /// It stays with actix.
    fn dispatched(sending: S, tap: Tap) -> Self {
        Self::Dispatched { dispatch: Dispatch::new(sending), end: S::UPGRADES.then_some(tap) }
    }
}

impl<S: Sending, G: Successor<S>> Handoff<S, G> {
    /// The writer is left to `go_on`.
    pub(crate) fn to(
        version: Version,
        tap: impl FnOnce() -> Option<Tap>,
        sending: S,
        go_on: G,
    ) -> Self {
        // A writer sends events in chunks.
        let leaves = S::UPGRADES || (UNWINDS && version >= Version::HTTP_11);
        let tap = if leaves { tap() } else { None };
        Self(match tap {
            Some(tap) => {
                let flushed = Flushed { unsent: Some(tap.taken()), before: None };
                State::Looking(Box::new(Looking { sending, go_on, tap, flushed, looks: 0 }))
            }
            None => State::Dispatched { dispatch: Dispatch::new(sending), end: None },
        })
    }

    /// True if a [`Writer`] may come to write it, behind which nobody reads requests.
    pub(crate) fn may_leave(&self) -> bool {
        matches!(self.0, State::Looking(_))
    }

    fn hand_over(mut sending: S, go_on: G, tap: Tap, cx: &mut Context<'_>) -> State<S, G> {
        let stay = State::dispatched;
        // Descriptors may have run out, for one.
        let Ok(socket) = tap.socket() else { return stay(sending, tap) };
        let sink = Arc::new(SocketSink::new(socket));
        if !sending.take_over(&sink, cx) {
            return stay(sending, tap);
        }
        if let Some(kind) = S::KIND {
            counter!("ereo_lean_total", "kind" => kind).increment(1);
        }
        go_on.go_on(Writer::new(sending, sink));
        State::Over
    }
}

/// Finds out that actix holds nothing back, from one of its turns to the next.
#[derive(Debug, Default)]
struct Flushed {
    /// Bytes that the socket had taken when there was no head yet. As long as it took no more, it is not actix that
    /// asks for the body, but for example a middleware that collects it.
    unsent: Option<u64>,
    /// Bytes that the socket had taken at the last look, if it had room then.
    before: Option<u64>,
}

impl Flushed {
    /// True if actix, which had its turn since the last look, had nothing to write: the socket had room, and took
    /// nothing.
    fn look(&mut self, tap: &Tap) -> bool {
        let accepted = tap.accepted();
        if accepted == self.unsent {
            // There is no head yet: whether the socket has room decides nothing.
            self.before = None;
            return false;
        }
        let same = accepted.is_some() && accepted == self.before;
        self.before = accepted.filter(|_| same || tap.has_room());
        same
    }
}

impl<S, G> MessageBody for Handoff<S, G>
where
    S: Sending,
    G: Successor<S>,
{
    type Error = Infallible;

    /// A dispatcher that is left must end without a shutdown of the socket. It does if a body breaks
    /// its promise of a length; the head of a 101 does not say the length.
    fn size(&self) -> BodySize {
        match self.0 {
            State::Looking(_) if S::UPGRADES => BodySize::Sized(u64::MAX),
            _ => BodySize::Stream,
        }
    }

    fn poll_next(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Infallible>>> {
        let state = &mut self.get_mut().0;
        loop {
            // Every message through actix comes by here, and what is below moves the whole state.
            if let State::Dispatched { dispatch, .. } = state
                && let next @ (Poll::Pending | Poll::Ready(Some(_))) = dispatch.poll(cx)
            {
                return next.map(|bytes| bytes.map(Ok));
            }
            *state = match std::mem::replace(state, State::Over) {
                State::Looking(mut looking) => {
                    if looking.looks == 0 {
                        looking.sending.begins();
                    }
                    if looking.flushed.look(&looking.tap) {
                        let Looking { sending, go_on, tap, .. } = *looking;
                        let next = Self::hand_over(sending, go_on, tap, cx);
                        if !S::UPGRADES && matches!(next, State::Over) {
                            resume_unwind(Box::new(HandedOver));
                        }
                        next
                    } else if looking.looks < LOOKS {
                        looking.looks += 1;
                        *state = State::Looking(looking);
                        cx.waker().wake_by_ref();
                        return Poll::Pending;
                    } else {
                        State::dispatched(looking.sending, looking.tap)
                    }
                }
                // It has ended.
                State::Dispatched { end: Some(tap), .. } => {
                    let flushed = Flushed::default();
                    State::Ending(Box::new(Ending { tap, flushed, again: None }))
                }
                State::Dispatched { end: None, .. } => return Poll::Ready(None),
                State::Ending(mut ending) => {
                    if let Some(again) = &mut ending.again
                        && again.as_mut().poll(cx).is_pending()
                    {
                        *state = State::Ending(ending);
                        return Poll::Pending;
                    }
                    if ending.flushed.look(&ending.tap) {
                        return Poll::Ready(None);
                    }
                    ending.again = Some(Box::pin(sleep(BETWEEN_LOOKS)));
                    State::Ending(ending)
                }
                State::Over => return Poll::Ready(None),
            };
        }
    }
}
