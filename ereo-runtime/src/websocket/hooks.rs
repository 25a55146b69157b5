//! The hooks form: `message`, `unreadable`, `heard`, `refresh` and `close` over per-connection state.

use std::any::Any;
use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::task::{Context, Poll, ready};

use futures_util::FutureExt as _;
use tokio::sync::{mpsc, oneshot};

use super::close::{CloseCode, CloseReason};
use super::error::SocketError;
use super::hearing::{Heard, Hearing};
use super::link::{Link, Linked as _};
use super::message::FromPayload;
use super::millis::Millis;
use super::outcome::{fail, within_grace};
use super::socket::Socket;
use super::unreadable::Unreadable;
use crate::expiry::{Expiry, refresh};
use crate::panicked::panic_message;

/// What a connection does with its state; `#[websocket]` on an `impl` writes this.
pub trait Hooks<In>: 'static {
    /// A message has come. An error closes the connection with its code.
    fn message(&mut self, message: In) -> impl Future<Output = Result<(), SocketError>>;

    /// Whether [`Hooks::unreadable`] is there.
    const HEARS_UNREADABLE: bool = false;

    /// A message has come that is no `In`. An error closes the connection with its code; so does, without
    /// this hook, the one of the message.
    fn unreadable(&mut self, message: Unreadable) -> impl Future<Output = Result<(), SocketError>> {
        async { Err(message.into()) }
    }

    /// What it hears of beside messages; asked once, at the beginning.
    fn hears(&mut self) -> Option<Hearing<Self>>
    where
        Self: Sized,
    {
        None
    }

    /// Whether [`Hooks::refresh`] is there.
    const REFRESHS: bool = false;

    /// The client's credentials end soon ([`expiry`](crate::expiry)): until when they are good now, or
    /// `None` to end the connection.
    fn refresh(&mut self) -> impl Future<Output = Option<Expiry>> {
        async { None }
    }

    /// The connection has ended, or is ending; called exactly once, whatever the reason.
    fn close(self, reason: CloseReason) -> impl Future<Output = ()>;
}

/// Runs the hooks over a socket, until its end.
///
/// What a hook needs while it runs is boxed: an idle connection, which most are, would else hold room
/// for the largest of them. So would an `async fn`, which has room for its arguments twice.
pub(super) fn run<In, Out, Kind, H>(
    mut hooks: H,
    socket: Socket<In, Out>,
    grace: Millis,
) -> impl Future<Output = Result<(), SocketError>>
where
    In: FromPayload<Kind>,
    H: Hooks<In>,
{
    let mut calls = Calls { socket, others: None };
    async move {
        calls.others = others(&mut hooks, calls.socket.link());
        loop {
            let next = match poll_fn(|cx| calls.poll_next(H::HEARS_UNREADABLE, cx)).await {
                Ok(Some(next)) => next,
                Ok(None) => break,
                Err(error) => {
                    fail(calls.socket.link(), &error);
                    break;
                }
            };
            let goes_on = Box::pin(answer(&mut hooks, next, calls.socket.link(), grace));
            if !goes_on.await {
                break;
            }
        }
        let reason = calls.socket.reason().unwrap_or(CloseReason::Vanished);
        Box::pin(hooks.close(reason)).await;
        Ok(())
    }
}

/// What is to be called.
enum Call<In, H> {
    Message(In),
    /// Boxed, for it is rare.
    Unreadable(Box<Unreadable>),
    Heard(Heard<H>),
    Refresh(Answer),
}

/// Where the answer to a question goes.
type Answer = oneshot::Sender<Option<Expiry>>;

/// The questions of who watches the credentials; one at a time.
fn asked(link: &Link) -> mpsc::Receiver<Answer> {
    let (questions, asked) = mpsc::channel(1);
    link.refresh_by(refresh(move || {
        let (answer, answered) = oneshot::channel();
        // Refused where the hooks have ended, or hang; then no answer comes.
        let _ = questions.try_send(answer);
        async move { answered.await.unwrap_or_default() }
    }));
    asked
}

/// Where calls come from besides messages.
struct Others<H> {
    asked: Option<mpsc::Receiver<Answer>>,
    hearing: Option<Hearing<H>>,
    /// Whether it is a message's turn, where both it and an event are there.
    messages_first: bool,
}

/// What these hooks have of that.
fn others<In, H: Hooks<In>>(hooks: &mut H, link: &Link) -> Option<Box<Others<H>>> {
    // The user's code, like every hook.
    let hearing = catch_unwind(AssertUnwindSafe(|| hooks.hears())).unwrap_or_else(|panic| {
        panicked(link, &*panic);
        None
    });
    let asked = H::REFRESHS.then(|| asked(link));
    (hearing.is_some() || asked.is_some())
        .then(|| Box::new(Others { asked, hearing, messages_first: false }))
}

/// Where calls come from. In one place, so that who waits for them holds one pointer.
struct Calls<In, Out, H> {
    socket: Socket<In, Out>,
    others: Option<Box<Others<H>>>,
}

impl<In, Out, H> Calls<In, Out, H> {
    /// The next call; `None` at the end. Neither messages nor what is heard of keep the other waiting.
    fn poll_next<Kind>(
        &mut self,
        hears_unreadable: bool,
        cx: &mut Context<'_>,
    ) -> Poll<Result<Option<Call<In, H>>, SocketError>>
    where
        In: FromPayload<Kind>,
    {
        if let Some(asked) = self.others.as_mut().and_then(|others| others.asked.as_mut())
            && let Poll::Ready(Some(answer)) = asked.poll_recv(cx)
        {
            return Poll::Ready(Ok(Some(Call::Refresh(answer))));
        }
        let messages_first = self.others.as_ref().is_some_and(|others| others.messages_first);
        if !messages_first && let Poll::Ready(heard) = self.poll_heard(cx) {
            return Poll::Ready(heard.map(Some));
        }
        if let Poll::Ready(message) = self.poll_message(hears_unreadable, cx) {
            if let Some(others) = &mut self.others {
                others.messages_first = false;
            }
            return Poll::Ready(message);
        }
        if messages_first && let Poll::Ready(heard) = self.poll_heard(cx) {
            return Poll::Ready(heard.map(Some));
        }
        Poll::Pending
    }

    /// What is heard of next, which may be nothing any more.
    fn poll_heard(&mut self, cx: &mut Context<'_>) -> Poll<Result<Call<In, H>, SocketError>> {
        let Some(others) = &mut self.others else { return Poll::Pending };
        let Some(hearing) = &mut others.hearing else { return Poll::Pending };
        let Some(heard) = ready!(hearing.poll(cx))? else {
            others.hearing = None;
            return Poll::Pending;
        };
        others.messages_first = true;
        Poll::Ready(Ok(Call::Heard(heard)))
    }

    /// The next message. One that cannot be read is one where somebody hears of it, and else an error.
    fn poll_message<Kind>(
        &mut self,
        hears_unreadable: bool,
        cx: &mut Context<'_>,
    ) -> Poll<Result<Option<Call<In, H>>, SocketError>>
    where
        In: FromPayload<Kind>,
    {
        let Some(frame) = ready!(self.socket.link().poll_recv(cx))? else {
            return Poll::Ready(Ok(None));
        };
        let kept = hears_unreadable.then(|| frame.clone());
        let call = match (In::from_payload(frame), kept) {
            (Ok(message), _) => Call::Message(message),
            (Err(error), Some(frame)) => Call::Unreadable(Box::new(Unreadable::new(frame, error))),
            (Err(error), None) => return Poll::Ready(Err(error.into())),
        };
        Poll::Ready(Ok(Some(call)))
    }
}

/// Makes a call. Whether the connection goes on.
async fn answer<In, H: Hooks<In>>(
    hooks: &mut H,
    next: Call<In, H>,
    link: &Link,
    grace: Millis,
) -> bool {
    match next {
        Call::Message(message) => {
            // A hook that panics before its first await does so in here.
            let called = async { hooks.message(message).await };
            call(called, link, grace).await.is_some()
        }
        Call::Unreadable(message) => {
            let called = async { hooks.unreadable(*message).await };
            call(called, link, grace).await.is_some()
        }
        Call::Heard(heard) => {
            let called = async { heard(hooks).await };
            call(called, link, grace).await.is_some()
        }
        Call::Refresh(answer) => {
            let called = async { Ok(hooks.refresh().await) };
            // Nobody waits for it any more where the connection has ended meanwhile.
            call(called, link, grace).await.is_some_and(|renewed| {
                let _ = answer.send(renewed);
                true
            })
        }
    }
}

/// Calls a hook. What it gave, if the connection goes on.
async fn call<T>(
    called: impl Future<Output = Result<T, SocketError>>,
    link: &Link,
    grace: Millis,
) -> Option<T> {
    // A panic is caught here and not left to the driver, so that `close` is still called.
    let called = AssertUnwindSafe(called).catch_unwind();
    match within_grace(link, grace, called).await {
        Some(Ok(Ok(given))) => return Some(given),
        Some(Ok(Err(error))) => fail(link, &error),
        Some(Err(panic)) => panicked(link, &*panic),
        // The connection ended while the hook was busy, and it had its time.
        None => {}
    }
    None
}

fn panicked(link: &Link, panic: &(dyn Any + Send)) {
    let panic = panic_message(panic);
    tracing::error!(connection = %link.id(), panic, "a WebSocket handler panicked");
    link.close(CloseCode::INTERNAL, "internal error", CloseReason::Panicked);
}
