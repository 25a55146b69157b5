//! The runtime of a test.

use std::future::Future;

use actix_web::rt::System;
use tokio::runtime::Builder;
use tokio::time::Instant;

/// Runs `test` as [`#[ereo_runtime::test]`](macro@crate::test) does: on this thread, within a system of
/// actix's, under paused time.
///
/// For a test of another shape, such as one that a property test calls with each case.
///
/// ```
/// use std::time::Duration;
/// let elapsed = ereo_runtime::test::run(async {
///     let began = tokio::time::Instant::now();
///     tokio::time::sleep(Duration::from_secs(3600)).await;
///     began.elapsed()
/// });
/// assert!(elapsed >= Duration::from_secs(3600));
/// ```
///
/// # Panics
/// Where the test does, and within a runtime.
pub fn run<F: Future>(test: F) -> F::Output {
    let runtime = || {
        let runtime = Builder::new_current_thread().enable_all().start_paused(true).build();
        runtime.expect("the system has the means for a runtime")
    };
    System::with_tokio_rt(runtime).block_on(test)
}

/// Lets time pass as it does, if it stands still: what other threads do takes some.
pub(super) fn resume() {
    let (ours, real) = (Instant::now(), std::time::Instant::now());
    // Until the real clock has gone on.
    while real.elapsed().is_zero() {
        std::hint::spin_loop();
    }
    if Instant::now() == ours {
        tokio::time::resume();
    }
}
