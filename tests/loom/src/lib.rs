//! The log under loom, the lease, and how a connection is woken: the runtime's own `ring.rs`, `asides.rs`,
//! `waiters.rs`, `reader.rs`, `lease.rs`, `wake_token.rs` and `wakers.rs`, compiled over loom's primitives, so that every
//! interleaving of their locks (up to a bound of preemptions) is tried.
//!
//! `cargo test -p ereo-loom --release`

#![cfg(test)]

mod beside;
mod calling;
mod closing;
mod lagging;
mod order;
mod sync;
mod turning;
mod wakes;

#[allow(dead_code)]
#[path = "../../../ereo-runtime/src/log/asides.rs"]
mod asides;
#[allow(dead_code)]
#[path = "../../../ereo-runtime/src/log/behind.rs"]
mod behind;
#[allow(dead_code)]
#[path = "../../../ereo-runtime/src/fanout/lease.rs"]
mod lease;
#[allow(dead_code)]
#[path = "../../../ereo-runtime/src/log/reader.rs"]
mod reader;
#[allow(dead_code)]
#[path = "../../../ereo-runtime/src/log/ring.rs"]
mod ring;
#[allow(dead_code)]
#[path = "../../../ereo-runtime/src/log/waiters.rs"]
mod waiters;
#[allow(dead_code)]
#[path = "../../../ereo-runtime/src/worker/executor/wake_token.rs"]
mod wake_token;
#[allow(dead_code)]
#[path = "../../../ereo-runtime/src/wakers.rs"]
mod wakers;
#[allow(dead_code)]
#[path = "../../../ereo-runtime/src/log/window.rs"]
mod window;

use std::future::poll_fn;
use std::time::Duration;

use reader::{Next, Reader};
use ring::Limits;
use sync::Arc;
use waiters::Shared;

/// Tries every interleaving with at most three preemptions: more than any known bug of this kind needs.
fn explore(scenario: impl Fn() + Send + Sync + 'static) {
    let mut model = loom::model::Builder::new();
    model.preemption_bound = Some(3);
    model.check(scenario);
}

/// A log of numbers that keeps the last `count`.
fn keeping(count: usize) -> Arc<Shared<u64>> {
    Shared::new(Limits { count, young: Duration::ZERO, bytes: usize::MAX, age: None })
}

fn publish(shared: &Shared<u64>, value: u64) -> u64 {
    shared.append(|| Duration::ZERO, |_| (value, 1))
}

/// A reader from the first entry on.
fn from_start(shared: &Arc<Shared<u64>>) -> Reader<u64> {
    Reader::new(Arc::clone(shared), 1)
}

/// Waits as a task does: a wake that is lost is a deadlock, which loom reports.
fn next(reader: &mut Reader<u64>) -> Next<u64> {
    loom::future::block_on(poll_fn(|cx| reader.poll_next(cx)))
}
