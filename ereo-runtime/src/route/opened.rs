//! A stream of a set that has yet to ask its store where it stands.

use std::future::poll_fn;
use std::task::{Context, Poll};
use std::time::Duration;

use actix_web::http::{StatusCode, header};
use actix_web::{HttpResponse, ResponseError};
use tokio::time::timeout;

/// How long a client waits for the store.
const WITHIN: Duration = Duration::from_secs(5);

/// Seconds after which it may try again.
const RETRY_AFTER: &str = "10";

/// Waits until it is known where a stream begins, which it is at once without a store.
///
/// # Errors
/// 503 where the store does not say.
pub(crate) async fn opened(
    mut poll_opened: impl FnMut(&mut Context<'_>) -> Poll<()>,
) -> Result<(), NotOpen> {
    let is_open = poll_fn(|cx| Poll::Ready(poll_opened(cx).is_ready())).await;
    if !is_open && timeout(WITHIN, poll_fn(poll_opened)).await.is_err() {
        metrics::counter!("ereo_refused_total", "kind" => "sse", "reason" => "store").increment(1);
        tracing::warn!("refused: the store of the set does not answer");
        return Err(NotOpen);
    }
    Ok(())
}

/// The store of a set does not say where the set stands.
#[derive(Debug, thiserror::Error)]
#[error("the store does not answer")]
pub(crate) struct NotOpen;

impl ResponseError for NotOpen {
    fn status_code(&self) -> StatusCode {
        StatusCode::SERVICE_UNAVAILABLE
    }

    fn error_response(&self) -> HttpResponse {
        HttpResponse::build(self.status_code())
            .insert_header((header::RETRY_AFTER, RETRY_AFTER))
            .content_type("text/plain; charset=utf-8")
            .body(self.to_string())
    }
}
