//! Whoever calls the future of an executor has it polled behind what was done before, however calls and polls meet.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::task::Poll;

use loom::thread;

use crate::explore;
use crate::sync::{Arc, AtomicU64, Ordering};
use crate::wake_token::{RunQueue, WakeToken};

/// A hub of one future that ends once it sees so much told.
fn run(queue: &RunQueue, token: &WakeToken, told: &AtomicU64, end: u64) {
    // It is taken in, and called by that.
    let mut due = VecDeque::from([0]);
    token.place(0);
    let polls = |cx: &mut std::task::Context<'_>| {
        loop {
            if due.is_empty() {
                queue.take(&mut due, cx.waker());
            }
            if due.pop_front().is_none() {
                return Poll::Pending;
            }
            token.answer();
            if told.load(Ordering::Relaxed) == end {
                return Poll::Ready(());
            }
        }
    };
    // A call that is lost is a deadlock, which loom reports.
    loom::future::block_on(poll_fn(polls));
}

#[test]
fn a_call_is_never_lost() {
    explore(|| {
        let queue = std::sync::Arc::<RunQueue>::default();
        let token = std::sync::Arc::new(WakeToken::new(queue.clone()));
        let told = Arc::new(AtomicU64::new(0));
        let callers: Vec<_> = (0..2)
            .map(|_| {
                let (token, told) = (token.clone(), told.clone());
                thread::spawn(move || {
                    told.fetch_add(1, Ordering::Relaxed);
                    token.call();
                })
            })
            .collect();
        run(&queue, &token, &told, 2);
        callers.into_iter().for_each(|caller| caller.join().unwrap());
    });
}
