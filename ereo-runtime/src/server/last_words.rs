//! An answer behind which nothing of its connection is answered any more.
//!
//! `connection: close` alone does not do: actix answers what was pipelined behind the request all the
//! same. While a body has not ended it does not, so this one never ends: the connection does.

use std::convert::Infallible;
use std::panic::resume_unwind;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use actix_web::body::{BodySize, MessageBody};
use bytes::Bytes;
use tokio::time::{Sleep, sleep};

use crate::takeover::UNWINDS;

/// How long the client has to read them, and to close the connection itself, as it is told to: closing it
/// with something unread would reset it, and may cost the client the answer.
const TIME: Duration = Duration::from_millis(250);

/// A body for HTTP/1.
pub(crate) struct LastWords {
    length: u64,
    words: Option<Bytes>,
    /// Made once they are handed out.
    over: Option<Pin<Box<Sleep>>>,
}

/// With which the dispatcher is unwound, as it is by streams that leave it (see [`takeover`](crate::takeover)).
struct Said;

impl LastWords {
    pub(crate) fn new(words: String) -> Self {
        Self { length: words.len() as u64, words: Some(words.into()), over: None }
    }
}

impl MessageBody for LastWords {
    type Error = Infallible;

    fn size(&self) -> BodySize {
        BodySize::Sized(self.length)
    }

    fn poll_next(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Infallible>>> {
        let this = self.get_mut();
        if let Some(words) = this.words.take() {
            return Poll::Ready(Some(Ok(words)));
        }
        ready!(this.over.get_or_insert_with(|| Box::pin(sleep(TIME))).as_mut().poll(cx));
        if UNWINDS {
            resume_unwind(Box::new(Said));
        }
        // Where a panic would end the process, what the client has pipelined is answered behind all.
        Poll::Ready(None)
    }
}
