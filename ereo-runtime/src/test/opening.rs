//! A request for an event stream.

use std::future::{Future, IntoFuture};
use std::pin::Pin;

use actix_web::http::header;
use tokio::time::timeout;

use super::answer::Answer;
use super::events::Events;
use super::request::Request;
use super::wait::fail;
use crate::log::LastEventId;

/// A request for an event stream: `.await` it for [`Events`], or for the [`Answer`] that came instead.
#[derive(Debug)]
#[must_use = "a stream is opened when it is awaited"]
pub struct Opening(Request);

impl Opening {
    pub(super) fn new(request: Request) -> Self {
        Self(request.header("accept", "text/event-stream"))
    }

    /// From behind this position, as a client comes back: a [`Position`](crate::Position), or what a loader or
    /// another stream has given.
    pub fn after(self, last: impl Into<LastEventId>) -> Self {
        let last = last.into();
        match last.position() {
            Some(_) => self.header("last-event-id", &last.to_string()),
            None => self,
        }
    }

    /// With a header in the place of those of the same name.
    ///
    /// # Panics
    /// When it is none that can be sent.
    #[track_caller]
    pub fn header(self, name: &str, value: &str) -> Self {
        Self(self.0.header(name, value))
    }
}

impl IntoFuture for Opening {
    type Output = Result<Events, Answer>;
    type IntoFuture = Pin<Box<dyn Future<Output = Result<Events, Answer>>>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let (at, patience) = (self.0.at, self.0.app().patience());
            let response = self.0.respond().await;
            let is_stream = response
                .head
                .headers()
                .get(header::CONTENT_TYPE)
                .is_some_and(|it| it.as_bytes().starts_with(b"text/event-stream"));
            if !response.status().is_success() || !is_stream {
                let answer = timeout(patience, response.into_answer()).await;
                return Err(answer.unwrap_or_else(|_| fail(at, "the answer does not end")));
            }
            Ok(Events::begin(response, patience).await)
        })
    }
}
