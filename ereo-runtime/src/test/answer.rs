//! HTTP answers that were read whole.

use std::fmt;

use actix_http::ResponseHead;
use actix_web::http::StatusCode;
use actix_web::http::header::HeaderMap;
use bytes::Bytes;
use serde::de::DeserializeOwned;

use super::wait::short;
use crate::log::{LastEventId, Position};

/// An HTTP answer: what a request gets, or what comes instead of a stream, a socket or a loader's data.
pub struct Answer {
    head: ResponseHead,
    body: Bytes,
}

impl Answer {
    pub(super) fn new(head: ResponseHead, body: Bytes) -> Self {
        Self { head, body }
    }

    /// The status, as a number.
    pub fn status(&self) -> u16 {
        self.head.status.as_u16()
    }

    /// All headers.
    pub fn headers(&self) -> &HeaderMap {
        self.head.headers()
    }

    /// The header of this name, if it is there and text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.head.headers().get(name)?.to_str().ok()
    }

    /// The position in `last-event-id`, as a loader gives it.
    pub fn position(&self) -> Option<Position> {
        self.header("last-event-id")?.parse().ok()
    }

    /// The same, with a place for each set of a merged stream.
    pub(super) fn last_event_id(&self) -> LastEventId {
        self.header("last-event-id").map_or_else(LastEventId::none, LastEventId::read)
    }

    /// The body.
    pub fn body(&self) -> &Bytes {
        &self.body
    }

    /// The body as text; what is not UTF-8 is replaced.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON of `T`.
    ///
    /// # Panics
    /// When it is none, with what it is instead.
    #[track_caller]
    pub fn json<T: DeserializeOwned>(&self) -> T {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| {
            panic!("expected JSON of `{}` ({error}), not {self:?}", std::any::type_name::<T>())
        })
    }

    /// The answer, if it is a success.
    ///
    /// # Panics
    /// When its status is none of 200 to 299, with the answer.
    #[track_caller]
    pub fn expect_success(self) -> Self {
        assert!(self.head.status.is_success(), "expected a success, not {self:?}");
        self
    }

    pub(super) fn code(&self) -> StatusCode {
        self.head.status
    }
}

/// As a person reads it: the status and the beginning of the body.
impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {:?}", self.head.status, short(&self.text()))
    }
}

/// What a loader gave.
#[derive(Debug)]
#[non_exhaustive]
pub struct Loaded<T> {
    /// The data.
    pub data: T,
    /// From where the live route goes on, one place for each set of a merged one; none of a loader that has
    /// none.
    pub position: LastEventId,
}
