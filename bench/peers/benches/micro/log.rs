//! One message into the log, and out of it at every reader.

use std::future::Future as _;
use std::hint::black_box;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use divan::Bencher;
use divan::counter::ItemsCount;
use ereo_runtime::ClientSet;
use ereo_runtime::broadcast::LastEventId;

use crate::text;

const READERS: &[usize] = &[1, 100, 10_000];

/// Readers that wait, so that the message wakes each.
#[divan::bench(args = READERS)]
fn ereo(bencher: Bencher<'_, '_>, readers: usize) {
    let set = ClientSet::<String>::new();
    let mut all: Vec<_> = (0..readers).map(|_| set.subscribe(LastEventId::default())).collect();
    let message = text(150);
    let mut cx = Context::from_waker(Waker::noop());
    bencher.counter(ItemsCount::new(readers)).bench_local(|| {
        set.broadcast(black_box(&message)).expect("a text is a message");
        for reader in &mut all {
            assert!(pin!(reader.recv()).poll(&mut cx).is_ready());
            assert!(pin!(reader.recv()).poll(&mut cx).is_pending());
        }
    });
}

#[divan::bench(args = READERS)]
fn tokio_broadcast(bencher: Bencher<'_, '_>, readers: usize) {
    let (sender, receiver) = tokio::sync::broadcast::channel(1024);
    let mut all: Vec<_> = (0..readers).map(|_| receiver.resubscribe()).collect();
    drop(receiver);
    let message = bytes::Bytes::from(text(150));
    let mut cx = Context::from_waker(Waker::noop());
    bencher.counter(ItemsCount::new(readers)).bench_local(|| {
        sender.send(black_box(&message).clone()).expect("there are receivers");
        for reader in &mut all {
            assert!(matches!(pin!(reader.recv()).poll(&mut cx), Poll::Ready(Ok(_))));
            assert!(pin!(reader.recv()).poll(&mut cx).is_pending());
        }
    });
}
