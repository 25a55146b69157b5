//! The end of a connection whose user code fails, panics or hangs.

use std::future::Future;
use std::task::{Poll, ready};

use tokio::time::{Instant, sleep_until};

use super::close::{CloseCode, CloseReason};
use super::error::SocketError;
use super::link::Link;
use super::millis::Millis;

/// Closes with what an error of the handler stands for.
pub(super) fn fail(link: &Link, error: &SocketError) {
    let code = error.code();
    // An error that only reports the end of the connection needs no report of its own.
    if code == CloseCode::INTERNAL && !matches!(error, SocketError::Closed(_)) {
        tracing::error!(connection = %link.id(), %error, "a WebSocket handler failed");
    }
    let told = error.peer_reason();
    let reason = match error {
        SocketError::Close { .. } => CloseReason::Local { code, reason: told.clone() },
        _ => CloseReason::Failed,
    };
    link.close(code, &told, reason);
}

/// Waits for `future`, but no longer than for `grace` after the connection has ended.
pub(super) async fn within_grace<F: Future>(
    link: &Link,
    grace: Millis,
    future: F,
) -> Option<F::Output> {
    let mut future = std::pin::pin!(future);
    let mut over = std::pin::pin!(async {
        link.ended().await;
        match grace.after(Instant::now()) {
            Some(end) => sleep_until(end).await,
            None => std::future::pending().await,
        }
    });
    std::future::poll_fn(|cx| {
        if let Poll::Ready(output) = future.as_mut().poll(cx) {
            return Poll::Ready(Some(output));
        }
        ready!(over.as_mut().poll(cx));
        Poll::Ready(None)
    })
    .await
}
