//! The outgoing path: one response body a connection.
//!
//! actix polls a body until it is pending and writes once: all that is ready goes out in one write.
//! It copies every chunk into its write buffer while it does so, hence no gathering of small frames
//! here, which would copy them twice; and large frames are handed out in slices, since a chunk of
//! 64 MiB would become a write buffer of 64 MiB.

use std::convert::Infallible;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use actix_web::body::{BodySize, MessageBody};
use bytes::Bytes;

use super::close::CloseReason;
use super::link::Link;
use super::mailbox::{Entry, Next};
use super::source::Outgoing;
use crate::server::Observed;

/// What actix's write buffer holds before it is written.
const SLICE: usize = 32 << 10;

/// The frames that one peer is sent.
#[derive(Debug)]
pub(super) struct Frames {
    link: Link,
    /// What is left of the frame that is being handed out.
    current: Bytes,
    /// A frame of the mailbox that waits for its fence.
    held: Option<Entry>,
    observed: Option<Rc<Observed>>,
}

impl Frames {
    pub(super) fn new(link: Link, observed: Option<Rc<Observed>>) -> Self {
        Self { link, current: Bytes::new(), held: None, observed }
    }

    fn take(&mut self, outgoing: Outgoing) {
        match outgoing {
            Outgoing::Frame(frame) => self.current = frame,
            Outgoing::Close(code, reason) => {
                let told = reason.clone();
                self.link.close(code, &told, CloseReason::Local { code, reason });
            }
        }
    }
}

impl MessageBody for Frames {
    type Error = Infallible;

    fn size(&self) -> BodySize {
        BodySize::Stream
    }

    fn poll_next(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Infallible>>> {
        let this = self.get_mut();
        loop {
            if !this.current.is_empty() {
                let slice = this.current.split_to(this.current.len().min(SLICE));
                if let Some(observed) = &this.observed {
                    observed.sends(slice.len());
                }
                return Poll::Ready(Some(Ok(slice)));
            }
            if let Some(mut entry) = this.held.take() {
                match this.link.poll_sources(Some(&mut entry.fence), cx) {
                    Some(outgoing) => {
                        this.take(outgoing);
                        this.held = Some(entry);
                    }
                    None => this.current = this.link.outbound().wire(entry.frame),
                }
                continue;
            }
            match this.link.outbox().next(cx) {
                Next::Control(frame) => this.current = frame,
                Next::Entry(entry) => this.held = Some(entry),
                Next::Idle => match this.link.poll_sources(None, cx) {
                    Some(outgoing) => this.take(outgoing),
                    None => return Poll::Pending,
                },
                Next::Sealed => return Poll::Pending,
                Next::Finished => {
                    this.link.body_done();
                    return Poll::Ready(None);
                }
            }
        }
    }
}

impl Drop for Frames {
    fn drop(&mut self) {
        self.link.body_dropped();
    }
}
