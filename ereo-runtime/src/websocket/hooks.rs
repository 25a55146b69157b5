//! The hooks form: `message` and `close` over per-connection state.

use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::time::Duration;

use futures_util::FutureExt as _;

use super::close::{CloseCode, CloseReason};
use super::error::SocketError;
use super::link::{Link, Linked as _};
use super::message::FromFrame;
use super::outcome::{fail, panic_message, within_grace};
use super::socket::Socket;

/// What a connection does with its state; `#[websocket]` on an `impl` writes this.
pub trait Hooks<In>: 'static {
    /// A message has come. An error closes the connection with its code.
    fn message(&mut self, message: In) -> impl Future<Output = Result<(), SocketError>>;

    /// The connection has ended, or is ending; called exactly once, whatever the reason.
    fn close(self, reason: CloseReason) -> impl Future<Output = ()>;
}

/// Runs the hooks over a socket, until its end.
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
    loop {
        let message = match socket.recv().await {
            Ok(Some(message)) => message,
            Ok(None) => break,
            Err(error) => {
                fail(&link, &error);
                break;
            }
        };
        if !call(&mut hooks, message, &link, grace).await {
            break;
        }
    }
    let reason = link.reason().unwrap_or(CloseReason::Vanished);
    hooks.close(reason).await;
    Ok(())
}

/// Calls `message`. Whether the connection goes on.
async fn call<In, H: Hooks<In>>(hooks: &mut H, message: In, link: &Link, grace: Duration) -> bool {
    // A panic is caught here and not left to the driver, so that `close` is still called.
    let called = AssertUnwindSafe(async { hooks.message(message).await }).catch_unwind();
    match within_grace(link, grace, called).await {
        Some(Ok(Ok(()))) => return true,
        Some(Ok(Err(error))) => fail(link, &error),
        Some(Err(panic)) => {
            let panic = panic_message(&*panic);
            tracing::error!(connection = %link.id(), panic, "a WebSocket handler panicked");
            link.close(CloseCode::INTERNAL, "internal error", CloseReason::Panicked);
        }
        // The connection ended while `message` was busy, and it had its time.
        None => {}
    }
    false
}
