//! The budget that the runtime gives a task for one turn (`tokio::task::coop`), as a measure of work.
//!
//! The runtime's own resources spend a unit a read. A read of 16 KiB may be a thousand messages, so work
//! that was read spends as well: a task that does much of it in one turn ends that turn, whatever it holds
//! still, and others of its thread have theirs.

use std::future::Future as _;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use tokio::task::coop::{consume_budget, has_budget_remaining};
use tokio::task::yield_now;

/// Bytes that are one unit of work, beside the unit of the message that they are: some microseconds of
/// copying, checking or inflating.
const BYTES: usize = 4 << 10;

/// Units of a message of so many bytes.
pub(crate) fn units(bytes: usize) -> u32 {
    u32::try_from(1 + bytes / BYTES).unwrap_or(u32::MAX)
}

/// Spends units of the current task's budget, as many as there are. Without effect outside of a task.
pub(crate) fn spend(units: u32) {
    let cx = &mut Context::from_waker(Waker::noop());
    for _ in 0..units {
        if !has_budget_remaining() || pin!(consume_budget()).poll(cx).is_pending() {
            return;
        }
    }
}

/// Spends all of it: the task has done enough in this turn, though it was little.
pub(crate) fn spend_all() {
    // More than the runtime gives.
    spend(1_024);
}

/// Whether the current task has had its turn.
pub(crate) fn is_spent() -> bool {
    !has_budget_remaining()
}

/// Ends a turn: the task goes on once the thread's other tasks have had theirs and the runtime has looked
/// at its sockets. A task that wakes itself would go on before the latter, a thousand times.
pub(crate) fn end_turn<T>(cx: &mut Context<'_>) -> Poll<T> {
    // Pending at first, and nothing of the future is needed after that.
    let _ = pin!(yield_now()).poll(cx);
    Poll::Pending
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn work_ends_a_turn() {
        yield_now().await;
        spend(units(0));
        assert!(!is_spent());
        spend(units(1 << 20));
        assert!(is_spent());
        yield_now().await;
        assert!(!is_spent());
    }

    #[test]
    fn outside_of_a_task_there_is_no_budget_to_spend() {
        spend(1_000);
        assert!(!is_spent());
    }
}
