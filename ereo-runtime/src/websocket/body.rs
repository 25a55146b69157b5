//! The outgoing path: what one connection is sent, by whichever writer.
//!
//! Both poll it until it is pending, and write what they got at once. actix copies every chunk into its
//! write buffer while it does so, hence no gathering of small frames here, which would copy them twice;
//! and large frames are handed out in slices, since a chunk of 64 MiB would become a write buffer of
//! 64 MiB.

use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;

use super::close::CloseReason;
use super::incoming::Incoming;
use super::link::Link;
use super::mailbox::{Entry, Next};
use super::source::{Outgoing, Read};
use crate::server::{ConnectionKind, Observed, Outlet, Sending};

/// What actix's write buffer holds before it is written.
const SLICE: usize = 32 << 10;

/// The frames that one peer is sent.
#[derive(Debug)]
pub(super) struct Frames {
    link: Link,
    incoming: Incoming,
    /// What is left of the frame that is being handed out.
    current: Bytes,
    /// Of how many messages that is the first slice.
    messages: u64,
    /// A frame of the mailbox that waits for its fence.
    held: Option<Entry>,
    /// What was read from a source since the mailbox was found empty. Another thread may have sent
    /// something meanwhile before it broadcast that, so the mailbox is looked at once more.
    read: Option<Read>,
    observed: Option<Rc<Observed>>,
    /// Where others may write for it, on the lean path.
    outlet: Option<Arc<Outlet>>,
}

impl Frames {
    pub(super) fn new(link: Link, incoming: Incoming, observed: Option<Rc<Observed>>) -> Self {
        Self {
            link,
            incoming,
            current: Bytes::new(),
            messages: 0,
            held: None,
            read: None,
            observed,
            outlet: None,
        }
    }

    /// Takes down what others have sent.
    fn take_down(&self) {
        if let Some(tally) = self.outlet.as_ref().and_then(|outlet| outlet.tally())
            && let Some(observed) = &self.observed
        {
            observed.sent(tally.messages, tally.bytes);
        }
    }

    fn take(&mut self, outgoing: Outgoing) {
        match outgoing {
            Outgoing::Frame(frame) => self.current = self.link.outbound().wire(frame),
            Outgoing::Batch(part) => {
                (self.current, self.messages) = (part.bytes(), part.messages());
            }
            Outgoing::Close(code, reason) => {
                let told = reason.clone();
                self.link.close(code, &told, CloseReason::Local { code, reason });
            }
        }
    }
}

impl Sending for Frames {
    const UPGRADES: bool = true;
    const KIND: ConnectionKind = ConnectionKind::WebSocket;

    fn poll_wire(&mut self, cx: &mut Context<'_>) -> Poll<Option<Bytes>> {
        self.take_down();
        loop {
            if !self.current.is_empty() {
                let slice = self.current.split_to(self.current.len().min(SLICE));
                // A single frame, or another slice of one.
                let messages = std::mem::take(&mut self.messages).max(1);
                if let Some(observed) = &self.observed {
                    observed.sent(messages, slice.len() as u64);
                }
                return Poll::Ready(Some(slice));
            }
            if let Some(mut entry) = self.held.take() {
                let before = entry.fence.take_before(&mut self.read);
                match before.or_else(|| self.link.poll_before(&mut entry.fence, cx)) {
                    Some(outgoing) => {
                        self.take(outgoing);
                        self.held = Some(entry);
                    }
                    None => self.current = self.link.outbound().wire(entry.frame),
                }
                continue;
            }
            match self.link.outbox().next(cx) {
                Next::Control(frame) => self.current = frame,
                Next::Entry(entry) => self.held = Some(entry),
                Next::Idle => match self.read.take() {
                    Some(read) => self.take(read.outgoing),
                    None => match self.link.poll_sources(cx) {
                        Some(read) => self.read = Some(read),
                        None => return Poll::Pending,
                    },
                },
                Next::Sealed => return Poll::Pending,
                Next::Finished => {
                    self.link.body_done();
                    return Poll::Ready(None);
                }
            }
        }
    }

    fn poll_body(&mut self, cx: &mut Context<'_>) -> Poll<Option<Bytes>> {
        self.poll_wire(cx)
    }

    fn take_over(&mut self, outlet: &Arc<Outlet>, cx: &mut Context<'_>) -> bool {
        let moved = self.incoming.move_to(outlet, cx);
        if moved {
            self.outlet = Some(Arc::clone(outlet));
            self.link.goes_over(outlet);
        }
        moved
    }
}

impl Drop for Frames {
    fn drop(&mut self) {
        self.take_down();
        self.link.body_dropped();
    }
}
