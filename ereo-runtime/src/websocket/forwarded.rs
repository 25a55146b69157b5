//! Where a socket's function goes on from, for a loader whose page it continues.

use std::future::Future;

use actix_web::HttpRequest;
use actix_web::error::ErrorInternalServerError;

use super::extract::offering;
use super::link::Link;
use super::mailbox::{MailboxLimits, Outbox};
use super::upgrade::SocketHub;
use crate::broadcast::{LastEventId, NotFound, first_read};
use crate::route::{Call, Callable, Incoming, NotOpen};
use crate::wire::Outbound;

/// A connection without a client: nothing comes, and what is sent goes nowhere.
struct Unconnected(Link);

impl Unconnected {
    fn new() -> Self {
        let outbox = Outbox::new(MailboxLimits::default(), SocketHub::default().wake_token());
        Self(Link::unconnected(outbox, Outbound::new(None, 0)))
    }
}

impl Drop for Unconnected {
    fn drop(&mut self) {
        self.0.body_dropped();
        self.0.end();
        self.0.driver_dropped();
    }
}

/// Calls the function of a `#[websocket]` route, extractors and refusals included, and runs it up to where it
/// first reads a subscription: where the sets of that stood.
pub(crate) fn forwarded<F: Future + 'static>(
    call: Callable<F>,
    req: &HttpRequest,
) -> Call<LastEventId> {
    let req = req.clone();
    Call::new(async move {
        let connection = Unconnected::new();
        let link = &connection.0;
        let function = offering(&req, link, || call(Incoming::bodyless(&req))).await?;
        let found = first_read(function, || link.has_asked()).await;
        found.map_err(|why| {
            if why == NotFound::Unopened {
                return NotOpen.into();
            }
            let path = req.path();
            tracing::error!(
                path,
                "the live socket reads no subscription before it waits for a message or ends"
            );
            ErrorInternalServerError("the live route has no position")
        })
    })
}
