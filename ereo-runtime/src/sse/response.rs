//! From a function's result to the HTTP response.

use std::rc::Rc;
use std::time::Duration;

use actix_web::http::{Version, header};
use actix_web::{Error, HttpRequest, HttpResponse, HttpResponseBuilder};

use super::blocks::Blocks;
use super::body::SseBody;
use super::compress::may_compress;
use crate::broadcast::OnLag;
use crate::heartbeat;
use crate::server::{How, Lifeline, OpenStream, Tab};
use crate::takeover::{Handoff, StreamExecutor};

/// What the attribute of an `#[sse]` route says.
#[doc(hidden)]
#[derive(Debug, Clone, Copy)]
pub struct SseOptions {
    /// Milliseconds that a client waits before it reconnects; more than 49 days are so many.
    pub retry: u64,
    /// Milliseconds of silence after which a comment is sent, or between the heartbeats of a client that
    /// asks for such as a page can see; more than 49 days are so many.
    pub heartbeat: Option<u64>,
    /// What becomes of a `Subscription` that lags, instead of what its set says.
    pub on_lag: Option<OnLag>,
    /// Whether it is asked for by POST.
    pub post: bool,
}

impl SseOptions {
    /// Without keys: `Backoff`'s base, and a heartbeat that outpaces the usual proxy's minute.
    pub const DEFAULT: Self =
        Self { retry: 1_000, heartbeat: Some(15_000), on_lag: None, post: false };
}

/// Answers with the blocks, or with 204 where there are none to come.
///
/// # Errors
/// When there is no room for one more client, for one.
pub(super) fn respond(
    req: &HttpRequest,
    blocks: Option<Box<dyn Blocks>>,
    options: SseOptions,
    stream: OpenStream,
    tab: Rc<Tab>,
) -> Result<HttpResponse, Error> {
    let Some(mut blocks) = blocks else {
        stream.observed().ends(How::NothingToCome);
        return Ok(HttpResponse::NoContent().finish());
    };
    // The function itself may have read of a set.
    let refused = tab.refused().map(|wait| wait + stream.apart());
    if let Some(wait) = refused.or_else(|| stream.replays(blocks.replayed()).err()) {
        return Ok(not_yet(wait.max(Duration::from_millis(options.retry))));
    }
    blocks.charge(tab);
    // In the span, as the function was.
    stream.observed().span().in_scope(|| blocks.claim())?;
    stream.observed().ends(How::Left);
    if let Some(on_lag) = options.on_lag {
        blocks.default_on_lag(on_lag);
    }
    let retry = Duration::from_millis(options.retry);
    let heartbeat = options.heartbeat.map(Duration::from_millis);
    let body = SseBody::new(blocks, retry, heartbeat, heartbeat::asked(req), stream);
    let body = Handoff::to(req.version(), || Lifeline::tap(req), body, StreamExecutor::of(req));
    // What is older knows no chunks: the body is what comes until the connection ends (RFC 9112 section 6.3).
    let is_chunked = req.version() >= Version::HTTP_11;
    let mut response = HttpResponse::Ok();
    if body.may_leave() || !is_chunked {
        response.force_close();
    }
    if may_compress(req) {
        response.insert_header((header::CONTENT_ENCODING, "identity"));
    }
    let mut response = event_stream(&mut response)
        // nginx buffers a proxied response unless it is told not to.
        .insert_header(("x-accel-buffering", "no"))
        .body(body);
    response.head_mut().no_chunking(!is_chunked);
    Ok(response)
}

fn event_stream(response: &mut HttpResponseBuilder) -> &mut HttpResponseBuilder {
    response
        .insert_header((header::CONTENT_TYPE, "text/event-stream"))
        .insert_header((header::CACHE_CONTROL, "no-cache, no-transform"))
}

/// A stream that says nothing but when to come back. An `EventSource` that is answered with any other
/// status comes back no more (WHATWG HTML section 9.2.3); with this one it does, and has its position
/// still.
fn not_yet(retry: Duration) -> HttpResponse {
    let told =
        format!(": too much was sent again to your address\nretry: {}\n\n", retry.as_millis());
    event_stream(&mut HttpResponse::Ok())
        .insert_header((header::RETRY_AFTER, retry.as_secs().max(1).to_string()))
        .body(told)
}
