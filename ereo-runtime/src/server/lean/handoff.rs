//! The response body that hands its stream over to a [`Writer`], once actix holds nothing of it.

use std::convert::Infallible;
use std::panic::resume_unwind;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use actix_web::HttpRequest;
use actix_web::body::{BodySize, MessageBody};
use bytes::Bytes;
use tokio::task::JoinHandle;
use tokio::time::{Sleep, sleep};

use super::super::observe;
use super::Sending;
use super::tap::Tap;
use super::writer::Writer;

/// So often it is looked whether actix has flushed, in as many turns of its task. Three are usual; a
/// connection that needs more has a peer that does not read, and stays where it is.
const LOOKS: u32 = 16;

/// How long a dispatcher that is about to be ended waits between two looks at a peer that does not
/// read.
const BETWEEN_LOOKS: Duration = Duration::from_millis(10);

/// A response body: in the end one of the two writers.
pub(crate) struct Handoff<S>(State<S>);

enum State<S> {
    /// It is not known yet whether actix has flushed.
    Looking { sending: S, tap: Tap, flushed: Flushed, looks: u32 },
    /// actix writes; behind the end, it must have flushed before its dispatcher ends.
    Dispatched { sending: S, end: Option<Tap> },
    /// Everything is said; see [`Sending::TAKES_OVER`].
    Ending { tap: Tap, flushed: Flushed, again: Option<Pin<Box<Sleep>>> },
    /// The writer writes, and the dispatcher waits for it.
    Parked(Parked),
    /// The writer writes, or nothing is left to be written.
    Over,
}

impl<S: Sending> Handoff<S> {
    pub(crate) fn new(req: &HttpRequest, sending: S) -> Self {
        Self(match Tap::of(req) {
            Some(tap) => State::Looking { sending, tap, flushed: Flushed::default(), looks: 0 },
            None => State::Dispatched { sending, end: None },
        })
    }

    fn hand_over(mut sending: S, tap: Tap, cx: &mut Context<'_>) -> State<S> {
        // Descriptors may have run out, for one.
        let Ok(socket) = tap.stream() else {
            return State::Dispatched { sending, end: S::TAKES_OVER.then_some(tap) };
        };
        if S::TAKES_OVER && !sending.take_over(&socket, cx) {
            return State::Dispatched { sending, end: Some(tap) };
        }
        observe::leaves_actix(S::KIND);
        let writer = actix_web::rt::spawn(Writer::new(sending, socket));
        if S::TAKES_OVER { State::Over } else { State::Parked(Parked(writer)) }
    }
}

/// Finds out that actix holds nothing back, from one of its turns to the next.
#[derive(Debug, Default)]
struct Flushed {
    /// What the socket had taken at the last look, and that it had room then.
    before: Option<u64>,
}

impl Flushed {
    /// Whether actix, which had its turn since the last look, had nothing to write: the socket had
    /// room, and took nothing.
    fn look(&mut self, tap: &Tap) -> bool {
        let accepted = tap.accepted();
        let same = accepted.is_some() && accepted == self.before;
        self.before = accepted.filter(|_| tap.has_room());
        same
    }
}

impl<S: Sending> MessageBody for Handoff<S> {
    type Error = Infallible;

    /// A dispatcher whose connection is taken over must end without a shutdown of the socket. It does
    /// if a body breaks its promise of a length; the head of a 101 does not say the length.
    fn size(&self) -> BodySize {
        match self.0 {
            State::Looking { .. } if S::TAKES_OVER => BodySize::Sized(u64::MAX),
            _ => BodySize::Stream,
        }
    }

    fn poll_next(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Infallible>>> {
        let state = &mut self.get_mut().0;
        loop {
            *state = match std::mem::replace(state, State::Over) {
                State::Looking { sending, tap, mut flushed, looks } => {
                    if flushed.look(&tap) {
                        Self::hand_over(sending, tap, cx)
                    } else if looks < LOOKS {
                        *state = State::Looking { sending, tap, flushed, looks: looks + 1 };
                        cx.waker().wake_by_ref();
                        return Poll::Pending;
                    } else {
                        State::Dispatched { sending, end: S::TAKES_OVER.then_some(tap) }
                    }
                }
                State::Dispatched { mut sending, end } => match sending.poll_body(cx) {
                    Poll::Ready(None) => match end {
                        Some(tap) => {
                            State::Ending { tap, flushed: Flushed::default(), again: None }
                        }
                        None => return Poll::Ready(None),
                    },
                    some => {
                        *state = State::Dispatched { sending, end };
                        return some.map(|some| some.map(Ok));
                    }
                },
                State::Ending { tap, mut flushed, again } => {
                    if let Some(mut again) = again
                        && again.as_mut().poll(cx).is_pending()
                    {
                        *state = State::Ending { tap, flushed, again: Some(again) };
                        return Poll::Pending;
                    }
                    if flushed.look(&tap) {
                        return Poll::Ready(None);
                    }
                    let again = Some(Box::pin(sleep(BETWEEN_LOOKS)));
                    State::Ending { tap, flushed, again }
                }
                State::Parked(mut parked) => {
                    let done = Pin::new(&mut parked.0).poll(cx);
                    *state = State::Parked(parked);
                    let ended = ready!(done);
                    *state = State::Over;
                    // A stream that panics must cut its connection, as it does through actix: behind
                    // a proper end the client would take it for whole.
                    if let Err(error) = ended
                        && let Ok(panic) = error.try_into_panic()
                    {
                        resume_unwind(panic);
                    }
                    return Poll::Ready(None);
                }
                State::Over => return Poll::Ready(None),
            };
        }
    }
}

/// The task that writes for a dispatcher; ends with it.
struct Parked(JoinHandle<()>);

impl Drop for Parked {
    fn drop(&mut self) {
        self.0.abort();
    }
}
