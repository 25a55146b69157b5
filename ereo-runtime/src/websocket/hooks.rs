//! The hooks form: `message`, `reauthorize` and `close` over per-connection state.

use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::time::Duration;

use futures_util::FutureExt as _;
use tokio::sync::{mpsc, oneshot};

use super::close::{CloseCode, CloseReason};
use super::error::SocketError;
use super::link::{Link, Linked as _};
use super::message::FromFrame;
use super::outcome::{fail, panic_message, within_grace};
use super::socket::Socket;
use crate::expiry::{Expiry, reauthorize};

/// What a connection does with its state; `#[websocket]` on an `impl` writes this.
pub trait Hooks<In>: 'static {
    /// A message has come. An error closes the connection with its code.
    fn message(&mut self, message: In) -> impl Future<Output = Result<(), SocketError>>;

    /// Whether [`Hooks::reauthorize`] is there.
    const REAUTHORIZES: bool = false;

    /// The client's credentials end soon ([`expiry`](crate::expiry)): until when they are good now, or
    /// `None` to end the connection.
    fn reauthorize(&mut self) -> impl Future<Output = Option<Expiry>> {
        async { None }
    }

    /// The connection has ended, or is ending; called exactly once, whatever the reason.
    fn close(self, reason: CloseReason) -> impl Future<Output = ()>;
}

/// Runs the hooks over a socket, until its end.
///
/// What a hook needs while it runs is boxed: an idle connection, which most are, would else hold room
/// for the largest of them.
pub(super) async fn run<In, Out, Kind, H>(
    mut hooks: H,
    mut socket: Socket<In, Out>,
    grace: Duration,
) -> Result<(), SocketError>
where
    In: FromFrame<Kind>,
    H: Hooks<In>,
{
    let link = socket.link().clone();
    let mut asked = H::REAUTHORIZES.then(|| asked(&link));
    loop {
        let goes_on = match next(&mut socket, asked.as_mut()).await {
            Ok(Some(Call::Message(message))) => {
                let called = async { hooks.message(message).await };
                Box::pin(call(called, &link, grace)).await.is_some()
            }
            Ok(Some(Call::Reauthorize(answer))) => {
                let called = async { Ok(hooks.reauthorize().await) };
                // Nobody waits for it any more where the connection has ended meanwhile.
                Box::pin(call(called, &link, grace)).await.is_some_and(|renewed| {
                    let _ = answer.send(renewed);
                    true
                })
            }
            Ok(None) => false,
            Err(error) => {
                fail(&link, &error);
                false
            }
        };
        if !goes_on {
            break;
        }
    }
    let reason = link.reason().unwrap_or(CloseReason::Vanished);
    Box::pin(hooks.close(reason)).await;
    Ok(())
}

/// What is to be called.
enum Call<In> {
    Message(In),
    Reauthorize(Answer),
}

/// Where the answer to a question goes.
type Answer = oneshot::Sender<Option<Expiry>>;

/// The questions of who watches the credentials; one at a time.
fn asked(link: &Link) -> mpsc::Receiver<Answer> {
    let (questions, asked) = mpsc::channel(1);
    link.reauthorize_by(reauthorize(move || {
        let (answer, answered) = oneshot::channel();
        // Refused where the hooks have ended, or hang; then no answer comes.
        let _ = questions.try_send(answer);
        async move { answered.await.unwrap_or_default() }
    }));
    asked
}

/// The next call; `None` at the end.
async fn next<In, Out, Kind>(
    socket: &mut Socket<In, Out>,
    asked: Option<&mut mpsc::Receiver<Answer>>,
) -> Result<Option<Call<In>>, SocketError>
where
    In: FromFrame<Kind>,
{
    let Some(asked) = asked else {
        return Ok(socket.recv().await?.map(Call::Message));
    };
    tokio::select! {
        biased;
        Some(answer) = asked.recv() => Ok(Some(Call::Reauthorize(answer))),
        message = socket.recv() => Ok(message?.map(Call::Message)),
    }
}

/// Calls a hook. What it gave, if the connection goes on.
async fn call<T>(
    called: impl Future<Output = Result<T, SocketError>>,
    link: &Link,
    grace: Duration,
) -> Option<T> {
    // A panic is caught here and not left to the driver, so that `close` is still called.
    let called = AssertUnwindSafe(called).catch_unwind();
    match within_grace(link, grace, called).await {
        Some(Ok(Ok(given))) => return Some(given),
        Some(Ok(Err(error))) => fail(link, &error),
        Some(Err(panic)) => {
            let panic = panic_message(&*panic);
            tracing::error!(connection = %link.id(), panic, "a WebSocket handler panicked");
            link.close(CloseCode::INTERNAL, "internal error", CloseReason::Panicked);
        }
        // The connection ended while the hook was busy, and it had its time.
        None => {}
    }
    None
}
