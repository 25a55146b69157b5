//! Whose budget pays for what a subscription that user code reads sends again, and what else concerns the connection
//! whose code that is.
//!
//! A stream that a route returns is charged with its answer. One that a function reads itself is known to the
//! set alone: nothing but the thread brings word of the connection whose code makes it.

use std::any::Any;
use std::cell::RefCell;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::rc::Rc;
use std::time::Duration;

use crate::ending::Ending;

/// A connection that pays for what it is sent again.
pub(crate) trait Payer {
    /// Takes so many bytes out of the budget of the client's address. Where they are not there, the
    /// connection tells its client when they are, and ends.
    ///
    /// # Errors
    /// How long it takes until there are as many.
    fn pay(self: Rc<Self>, bytes: u64) -> Result<(), Duration>;

    /// A set that its code reads has told it to end.
    fn end(self: Rc<Self>, _ending: &Ending) {}

    /// Its code has joined this set, as `broadcast` knows one.
    fn joins(&self, _set: &dyn Any) {}

    /// Where its readers say how far they are, if somebody may look.
    #[cfg(feature = "inspector")]
    fn readings(&self) -> Option<std::sync::Arc<crate::progress::Readings>> {
        None
    }
}

thread_local! {
    /// Of the code that runs in [`paying`].
    static PAYER: RefCell<Option<Rc<dyn Payer>>> = const { RefCell::new(None) };
}

/// Puts back who paid before, also behind a panic.
struct Outer(Option<Rc<dyn Payer>>);

impl Drop for Outer {
    fn drop(&mut self) {
        let inner = PAYER.replace(self.0.take());
        drop(inner);
    }
}

/// Runs `run`, for which `payer` pays.
pub(crate) fn paying<R>(payer: Rc<dyn Payer>, run: impl FnOnce() -> R) -> R {
    let _outer = Outer(PAYER.replace(Some(payer)));
    run()
}

/// The same for each turn of a future.
pub(crate) async fn paying_for<F: Future>(payer: Rc<dyn Payer>, future: F) -> F::Output {
    let mut future = pin!(future);
    poll_fn(|cx| paying(Rc::clone(&payer), || future.as_mut().poll(cx))).await
}

/// Who pays for the code that runs here.
pub(crate) fn payer() -> Option<Rc<dyn Payer>> {
    // While the thread ends nobody does.
    PAYER.try_with(|payer| payer.borrow().clone()).ok().flatten()
}

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};

    use super::*;

    struct Rich(u64);

    impl Payer for Rich {
        fn pay(self: Rc<Self>, bytes: u64) -> Result<(), Duration> {
            Err(Duration::from_secs(self.0 + bytes))
        }
    }

    fn asked() -> Option<u64> {
        payer().map(|payer| payer.pay(0).unwrap_err().as_secs())
    }

    #[test]
    fn who_runs_inside_pays_inside_only_and_a_panic_ends_it() {
        let seen = paying(Rc::new(Rich(1)), || {
            let inner = paying(Rc::new(Rich(2)), asked);
            (asked(), inner)
        });
        assert_eq!((seen, asked()), ((Some(1), Some(2)), None));
        let panics = AssertUnwindSafe(|| paying(Rc::new(Rich(1)), || panic!("on purpose")));
        assert!(catch_unwind(panics).is_err());
        assert_eq!(asked(), None);
    }

    #[tokio::test]
    async fn a_future_has_its_payer_in_each_of_its_turns() {
        let asks = async {
            tokio::task::yield_now().await;
            asked()
        };
        let other = async {
            tokio::task::yield_now().await;
            asked()
        };
        assert_eq!(tokio::join!(paying_for(Rc::new(Rich(3)), asks), other), (Some(3), None));
    }
}
