//! A stream that stays with actix, and what others send over it.

use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;

use super::Sending;
use super::body_sink::BodySink;
use crate::fanout::Sink;
use crate::wire::PIECE;

/// Large blocks go out in pieces of all that actix's write buffer holds before it is written.
const LARGE: usize = 32 << 10;

/// How much of so many messages is handed out at once.
pub(super) fn piece(size: usize, messages: u64) -> u32 {
    // Both fit.
    if size as u64 > messages * PIECE as u64 { LARGE as u32 } else { PIECE as u32 }
}

/// What actix polls: as a [`Writer`](super::writer::Writer), it is where a set's relay leaves messages while the
/// stream itself has nothing to send.
///
/// A relay that wakes a thousand bodies knows what each is to send. So a body which has handed that out
/// does not ask mailbox, sets and clock for more, unless something else may have woken it as well.
pub(super) struct Dispatch<S: Sending> {
    sending: S,
    sink: Arc<BodySink>,
    /// True if nothing but a relay, and a revocation of its lease, wakes the stream: as the stream found when it
    /// last had nothing to send.
    quiet: bool,
    /// True if bytes that a relay left were handed out since.
    handed: bool,
    /// Bytes of small pieces that actix was given and may not have written.
    given: u32,
}

impl<S: Sending> Dispatch<S> {
    pub(super) fn new(mut sending: S) -> Self {
        let sink = Arc::new(BodySink::new());
        let relayed: Arc<dyn Sink> = Arc::clone(&sink) as _;
        sending.relay_into(&relayed);
        Self { sending, sink, quiet: false, handed: false, given: 0 }
    }

    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Option<Bytes>> {
        if self.given as usize >= PIECE {
            self.given = 0;
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        let next = self.poll_next(cx);
        self.given = match &next {
            Poll::Ready(Some(bytes)) if bytes.len() <= PIECE => self.given + bytes.len() as u32,
            // actix writes what the socket takes before it asks again; what is large is written at once.
            _ => 0,
        };
        next
    }

    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Bytes>> {
        if let Poll::Ready(bytes) = self.sink.poll_load(cx) {
            self.handed = true;
            return Poll::Ready(Some(bytes));
        }
        let handed = std::mem::take(&mut self.handed);
        if handed && self.quiet && self.is_armed() && !self.sending.is_roused(cx) {
            return Poll::Pending;
        }
        self.take_down();
        self.sink.leases().renew();
        let next = self.sending.poll_body(cx);
        self.quiet = next.is_pending() && self.sending.is_quiet();
        next
    }

    /// True if the lease of the last look is still valid.
    fn is_armed(&self) -> bool {
        let leases = self.sink.leases();
        leases.is_valid(leases.current())
    }

    fn take_down(&mut self) {
        if let Some(tally) = self.sink.tally() {
            self.sending.take_down(tally);
        }
    }
}

impl<S: Sending> Drop for Dispatch<S> {
    fn drop(&mut self) {
        self.take_down();
    }
}

#[cfg(test)]
mod tests {
    use std::task::Waker;

    use tokio::time::Instant;

    use super::*;
    use crate::fanout::{Load, Sent};
    use crate::takeover::{SocketSink, Tally};

    /// Has nothing to send, and counts how often it is asked.
    #[derive(Default)]
    struct Silent {
        asked: usize,
        noisy: bool,
        roused: bool,
        told: u64,
    }

    impl Sending for Silent {
        const UPGRADES: bool = false;
        const KIND: Option<&'static str> = None;

        fn poll_body(&mut self, _: &mut Context<'_>) -> Poll<Option<Bytes>> {
            self.asked += 1;
            Poll::Pending
        }

        fn poll_wire(&mut self, _: &mut Context<'_>) -> Poll<Option<Bytes>> {
            Poll::Pending
        }

        fn take_down(&mut self, tally: Tally) {
            self.told += tally.messages;
        }

        fn relay_into(&mut self, _: &Arc<dyn Sink>) {}

        fn is_quiet(&self) -> bool {
            !self.noisy
        }

        fn is_roused(&self, _: &Context<'_>) -> bool {
            self.roused
        }

        fn take_over(&mut self, _: &Arc<SocketSink>, _: &mut Context<'_>) -> bool {
            false
        }
    }

    fn context() -> Context<'static> {
        Context::from_waker(Waker::noop())
    }

    /// It has looked, and others may send.
    fn dispatch(sending: Silent) -> Dispatch<Silent> {
        let mut dispatch = Dispatch::new(sending);
        assert!(dispatch.poll(&mut context()).is_pending());
        assert_eq!(dispatch.sending.asked, 1);
        dispatch
    }

    fn send(dispatch: &Dispatch<Silent>, bytes: &'static [u8]) -> bool {
        leave(dispatch, bytes, 1)
    }

    /// Leaves so many messages.
    fn leave(dispatch: &Dispatch<Silent>, bytes: &[u8], messages: u64) -> bool {
        let bytes = Bytes::copy_from_slice(bytes);
        let told = bytes.len() as u64;
        let load = Load { bytes: &bytes, messages, told, now: Instant::now() };
        matches!(dispatch.sink.send(&load), Sent::All { .. })
    }

    /// Hands out what was left, and is asked for more: how often the stream was asked meanwhile.
    fn asked(dispatch: &mut Dispatch<Silent>, left: &'static [u8]) -> usize {
        let before = dispatch.sending.asked;
        assert_eq!(dispatch.poll(&mut context()), Poll::Ready(Some(left.into())));
        assert!(dispatch.poll(&mut context()).is_pending());
        dispatch.sending.asked - before
    }

    #[test]
    fn a_stream_is_not_asked_behind_what_others_left() {
        let mut dispatch = dispatch(Silent::default());
        for bytes in [b"one", b"two"] {
            assert!(send(&dispatch, bytes));
            assert!(!send(&dispatch, b"too early"));
            assert_eq!(asked(&mut dispatch, bytes), 0);
        }
        // Woken for something else.
        assert!(dispatch.poll(&mut context()).is_pending());
        assert_eq!((dispatch.sending.asked, dispatch.sending.told), (2, 2));
    }

    #[test]
    fn a_stream_is_asked_where_something_else_may_have_woken_it() {
        let mut voided = dispatch(Silent::default());
        assert!(send(&voided, b"one"));
        voided.sink.leases().revoke();
        assert_eq!(asked(&mut voided, b"one"), 1);

        let mut roused = dispatch(Silent { roused: true, ..Silent::default() });
        assert!(send(&roused, b"one"));
        assert_eq!(asked(&mut roused, b"one"), 1);

        let mut noisy = dispatch(Silent { noisy: true, ..Silent::default() });
        assert!(send(&noisy, b"one"));
        assert_eq!(asked(&mut noisy, b"one"), 1);
    }

    /// The pieces that are handed out of what was left, and how often actix had its turn between them.
    fn pieces(dispatch: &mut Dispatch<Silent>) -> (Vec<usize>, usize) {
        let (mut pieces, mut turns) = (Vec::new(), 0);
        loop {
            match dispatch.poll(&mut context()) {
                Poll::Ready(Some(piece)) => pieces.push(piece.len()),
                Poll::Ready(None) => unreachable!("it does not end"),
                Poll::Pending if dispatch.handed => turns += 1,
                Poll::Pending => return (pieces, turns),
            }
        }
    }

    #[test]
    fn what_is_large_goes_out_in_pieces() {
        let mut dispatch = dispatch(Silent::default());
        assert!(leave(&dispatch, &[7; 70_000], 1));
        assert!(!leave(&dispatch, b"too early", 1));
        assert_eq!(pieces(&mut dispatch), (vec![32_768, 32_768, 4_464], 0));
    }

    #[test]
    fn actix_writes_before_much_of_what_is_small_comes_together() {
        let mut dispatch = dispatch(Silent::default());
        assert!(leave(&dispatch, &[7; 10_000], 100));
        assert_eq!(pieces(&mut dispatch), (vec![4_096, 4_096, 1_808], 2));
        assert!(leave(&dispatch, &[7; 4_000], 100));
        assert_eq!(pieces(&mut dispatch), (vec![4_000], 0));
    }
}
