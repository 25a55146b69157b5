//! A stream that stays with actix, and what others send over it.

use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;

use super::{Outlet, Sending};

/// What actix polls: as a [`Writer`](super::Writer), it is where a set's relay leaves messages while the
/// stream itself has nothing to send.
///
/// A relay that wakes a thousand bodies knows what each is to send. So a body which has handed that out
/// does not ask mailbox, sets and clock for more, unless something else may have woken it as well.
pub(super) struct Dispatch<S: Sending> {
    sending: S,
    outlet: Arc<Outlet>,
    /// Whether nothing but what others send, and what voids their turn, wakes the stream, as it found
    /// when it last had nothing to send.
    quiet: bool,
    /// Whether what others left was handed out since.
    handed: bool,
}

impl<S: Sending> Dispatch<S> {
    pub(super) fn new(mut sending: S) -> Self {
        let outlet = Arc::new(Outlet::of_a_body());
        sending.over(&outlet);
        Self { sending, outlet, quiet: false, handed: false }
    }

    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Option<Bytes>> {
        if let Some(bytes) = self.outlet.take() {
            self.handed = true;
            return Poll::Ready(Some(bytes));
        }
        let handed = std::mem::take(&mut self.handed);
        if handed && self.quiet && self.outlet.is_armed() && !self.sending.is_roused(cx) {
            self.outlet.attend(cx.waker());
            return Poll::Pending;
        }
        self.take_down();
        self.outlet.look();
        let next = self.sending.poll_body(cx);
        self.quiet = next.is_pending() && self.sending.is_quiet();
        next
    }

    fn take_down(&mut self) {
        if let Some(tally) = self.outlet.tally() {
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
    use crate::server::{ConnectionKind, Tally};

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
        const KIND: ConnectionKind = ConnectionKind::Sse;

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

        fn over(&mut self, _: &Arc<Outlet>) {}

        fn is_quiet(&self) -> bool {
            !self.noisy
        }

        fn is_roused(&self, _: &Context<'_>) -> bool {
            self.roused
        }

        fn take_over(&mut self, _: &Arc<Outlet>, _: &mut Context<'_>) -> bool {
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
        let sent = dispatch.outlet.write(bytes, || bytes.into()).is_ok();
        if sent {
            dispatch.outlet.count(1, bytes.len() as u64, Instant::now());
        }
        sent
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
        voided.outlet.void();
        assert_eq!(asked(&mut voided, b"one"), 1);

        let mut roused = dispatch(Silent { roused: true, ..Silent::default() });
        assert!(send(&roused, b"one"));
        assert_eq!(asked(&mut roused, b"one"), 1);

        let mut noisy = dispatch(Silent { noisy: true, ..Silent::default() });
        assert!(send(&noisy, b"one"));
        assert_eq!(asked(&mut noisy, b"one"), 1);
    }

    #[test]
    fn what_is_large_goes_out_in_pieces() {
        let mut dispatch = dispatch(Silent::default());
        let large: &[u8] = vec![7; 70_000].leak();
        assert!(send(&dispatch, large));
        let mut pieces = Vec::new();
        while let Poll::Ready(Some(piece)) = dispatch.poll(&mut context()) {
            pieces.push(piece.len());
            assert!(pieces.len() == 3 || !send(&dispatch, b"in between"));
        }
        assert_eq!(pieces, [32_768, 32_768, 4_464]);
    }
}
