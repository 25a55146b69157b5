//! The outgoing path: what one connection is sent, by whichever writer.
//!
//! Both poll it until it is pending, and write what they got at once. actix copies every chunk into its
//! write buffer while it does so, hence no gathering of small frames here, which would copy them twice;
//! and large frames are handed out in slices, since a chunk of 64 MiB would become a write buffer of
//! 64 MiB.

use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use bytestring::ByteString;

use super::close::{CloseCode, CloseReason};
use super::link::Link;
use super::mailbox::{Entry, Next};
use super::source::{FrameItem, Read};
use crate::broadcast::{End, Item, Reset, ResetReason};
use crate::fanout::Sink;
use crate::server::ConnectionKind;
use crate::takeover::{Sending, SocketSink, Tally};
use crate::wire::{OpCode, encode};

/// What actix's write buffer holds before it is written.
const SLICE: usize = 32 << 10;

/// The frames that one peer is sent.
#[derive(Debug)]
pub(super) struct Frames {
    link: Link,
    /// Boxed: most connections are in the middle of nothing.
    begun: Option<Box<Begun>>,
}

/// What was taken, and is not handed out yet.
#[derive(Debug, Default)]
struct Begun {
    /// What is left of the frame that is being handed out.
    current: Bytes,
    /// Of how many messages that is the first slice.
    messages: u64,
    /// A frame of the mailbox that waits for its fence.
    held: Option<Entry>,
    /// What was read from a source since the mailbox was found empty. Another thread may have sent
    /// something meanwhile before it broadcast that, so the mailbox is looked at once more.
    read: Option<Read>,
}

impl Frames {
    pub(super) fn new(link: Link) -> Self {
        Self { link, begun: None }
    }

    pub(super) fn link(&self) -> &Link {
        &self.link
    }

    /// Takes what a source gave.
    fn take(&self, item: FrameItem, begun: &mut Begun) {
        match item {
            Item::Message((), frame) | Item::Unplaced(frame) => {
                begun.current = self.link.outbound().wire(frame);
            }
            Item::PassedOver(()) => {}
            Item::Batch(part, ()) => {
                (begun.current, begun.messages) = (part.bytes(), part.messages());
            }
            Item::Reset(reset, ()) => {
                if let Reset { reason: ResetReason::Lagged, missed } = reset {
                    let missed = missed.unwrap_or_default();
                    self.link.tell(|observed| observed.lags("skipped", missed));
                }
                begun.current = self.link.outbound().wire(reset_frame(reset).into());
            }
            Item::Ended(end) => self.end(&end),
        }
    }

    /// Closes for what has ended a source.
    fn end(&self, end: &End) {
        let (code, reason) = match end {
            End::Lagged { missed } => {
                self.link.tell(|observed| observed.lags("disconnected", *missed));
                (CloseCode::TRY_AGAIN_LATER, format!("lagged: {missed} messages missed"))
            }
            End::Told(ending) => {
                let code = CloseCode::new(ending.close_code()).unwrap_or(CloseCode::NORMAL);
                (code, ending.reason().to_owned())
            }
            // Of event streams alone.
            End::Expired | End::Refused | End::Over => return,
        };
        let reason = ByteString::from(reason);
        let told = reason.clone();
        self.link.close(code, &told, CloseReason::Local { code, reason });
    }

    /// A slice of the frame, of which the rest is kept with what else was begun.
    fn hand_out(&mut self, mut begun: Begun) -> Bytes {
        let slice = begun.current.split_to(begun.current.len().min(SLICE));
        // A single frame, or another slice of one.
        let messages = std::mem::take(&mut begun.messages).max(1);
        self.link.tell(|observed| observed.sent(messages, slice.len() as u64));
        if !begun.current.is_empty() || begun.held.is_some() || begun.read.is_some() {
            self.begun = Some(Box::new(begun));
        }
        slice
    }

    fn poll_slice(&mut self, cx: &mut Context<'_>) -> Poll<Option<Bytes>> {
        let mut begun = self.begun.take().map(|begun| *begun).unwrap_or_default();
        loop {
            if !begun.current.is_empty() {
                return Poll::Ready(Some(self.hand_out(begun)));
            }
            if let Some(mut entry) = begun.held.take() {
                let before = entry.fence.take_before(&mut begun.read);
                match before.or_else(|| self.link.poll_before(&mut entry.fence, cx)) {
                    Some(item) => {
                        self.take(item, &mut begun);
                        begun.held = Some(entry);
                    }
                    None => begun.current = self.link.outbound().wire(entry.frame),
                }
                continue;
            }
            match self.link.outbox().next() {
                Next::Control(frame) => begun.current = frame,
                Next::Entry(entry) => begun.held = Some(entry),
                Next::Idle => match begun.read.take() {
                    Some(read) => self.take(read.item, &mut begun),
                    None => match self.link.poll_sources(cx) {
                        Some(read) => begun.read = Some(read),
                        None => return Poll::Pending,
                    },
                },
                Next::Told => self.link.obey(cx),
                // Behind the close frame nothing is sent, whatever was read from a source.
                Next::Sealed => return Poll::Pending,
                Next::Finished => {
                    self.link.body_done();
                    return Poll::Ready(None);
                }
            }
        }
    }
}

/// What a peer is told of messages that it misses.
pub(super) fn missing(missed: u64) -> Bytes {
    reset_frame(Reset::lagged(missed))
}

/// The same for any reason, in which it may not be known how many are missing.
pub(super) fn reset_frame(Reset { reason, missed }: Reset) -> Bytes {
    let missed = missed.map_or_else(|| "null".to_owned(), |missed| missed.to_string());
    let reason = reason.as_str();
    let told = format!(r#"{{"type":"ereo.reset","reason":"{reason}","missed":{missed}}}"#);
    encode(OpCode::Text, told.as_bytes())
}

impl Sending for Frames {
    const UPGRADES: bool = true;
    const KIND: Option<&'static str> = Some(ConnectionKind::WebSocket.label());

    fn poll_body(&mut self, cx: &mut Context<'_>) -> Poll<Option<Bytes>> {
        self.poll_slice(cx)
    }

    fn poll_wire(&mut self, cx: &mut Context<'_>) -> Poll<Option<Bytes>> {
        self.poll_slice(cx)
    }

    fn take_down(&mut self, tally: Tally) {
        self.link.tell(|observed| observed.sent(tally.messages, tally.bytes));
    }

    fn relay_into(&mut self, sink: &Arc<dyn Sink>) {
        self.link.relay_into(sink);
    }

    fn is_quiet(&self) -> bool {
        self.begun.is_none() && self.link.is_quiet()
    }

    /// The driver watches the clock.
    fn is_roused(&self, _: &Context<'_>) -> bool {
        false
    }

    fn take_over(&mut self, sink: &Arc<SocketSink>, cx: &mut Context<'_>) -> bool {
        let moved = self.link.incoming().move_to(sink, cx);
        if moved {
            self.link.relay_into(&sink.for_relays());
        }
        moved
    }
}

impl Drop for Frames {
    fn drop(&mut self) {
        self.link.body_dropped();
    }
}
