//! Whoever calls the future of a hub has it polled behind what was done before, however calls and polls meet.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::task::Poll;

use loom::thread;

use crate::call::{Call, Calls};
use crate::explore;
use crate::sync::{Arc, AtomicU64, Ordering};

/// A hub of one future that ends once it sees so much told.
fn run(calls: &Calls, call: &Call, told: &AtomicU64, end: u64) {
    // It is taken in, and called by that.
    let mut due = VecDeque::from([0]);
    call.place(0);
    let polls = |cx: &mut std::task::Context<'_>| {
        loop {
            if due.is_empty() {
                calls.take(&mut due, cx.waker());
            }
            if due.pop_front().is_none() {
                return Poll::Pending;
            }
            call.answer();
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
        let calls = std::sync::Arc::<Calls>::default();
        let call = std::sync::Arc::new(Call::new(calls.clone()));
        let told = Arc::new(AtomicU64::new(0));
        let callers: Vec<_> = (0..2)
            .map(|_| {
                let (call, told) = (call.clone(), told.clone());
                thread::spawn(move || {
                    told.fetch_add(1, Ordering::Relaxed);
                    call.call();
                })
            })
            .collect();
        run(&calls, &call, &told, 2);
        callers.into_iter().for_each(|caller| caller.join().unwrap());
    });
}
