//! Slows the input of a connection that publishes faster than a set's readers read.
//!
//! A broadcast never waits. A connection whose handler broadcasts faster than readers can follow would
//! overtake readers that do read; so it is the connection's *input* that waits, for as long as a reader is
//! behind and most of what the log may hold is of the last moment.

use std::cell::RefCell;

use tokio::time::Instant;

use crate::sync::Arc;

/// A set that was written to fast.
pub(crate) trait Pressure {
    /// When the input may go on at the latest; `None` if every reader has caught up, or has time to.
    fn calm_at(&self) -> Option<Instant>;
}

/// A set under pressure.
pub(crate) type Pressed = Arc<dyn Pressure>;

thread_local! {
    /// The set that code which runs in [`watch`] has last put under pressure. Nothing else brings word of a
    /// broadcast from the inside of a handler to the connection that runs it.
    static WATCH: RefCell<Watch> = const { RefCell::new(Watch::Nobody) };
}

enum Watch {
    Nobody,
    Waits,
    Pressed(Pressed),
}

/// Puts back what was watched for before, also behind a panic.
struct Outer(Option<Watch>);

impl Drop for Outer {
    fn drop(&mut self) {
        if let Some(before) = self.0.take() {
            let inner = WATCH.replace(before);
            drop(inner);
        }
    }
}

/// Runs `run` and tells which set it has put under pressure.
pub(crate) fn watch<R>(run: impl FnOnce() -> R) -> (R, Option<Pressed>) {
    let outer = Outer(Some(WATCH.replace(Watch::Waits)));
    let result = run();
    let watched = WATCH.replace(Watch::Nobody);
    drop(outer);
    match watched {
        Watch::Pressed(pressed) => (result, Some(pressed)),
        Watch::Nobody | Watch::Waits => (result, None),
    }
}

/// Tells who watches of a set that is under pressure, if it is.
pub(super) fn tell(pressed: impl FnOnce() -> Option<Pressed>) {
    // While the thread ends nobody watches.
    let watches = WATCH.try_with(|watch| !matches!(*watch.borrow(), Watch::Nobody));
    if watches.unwrap_or(false)
        && let Some(pressed) = pressed()
    {
        let before = WATCH.replace(Watch::Pressed(pressed));
        drop(before);
    }
}

#[cfg(test)]
mod tests {
    use std::panic::catch_unwind;

    use super::*;

    struct Calm(Option<Instant>);

    impl Pressure for Calm {
        fn calm_at(&self) -> Option<Instant> {
            self.0
        }
    }

    fn pressed(calm_at: Option<Instant>) -> Option<Pressed> {
        Some(Arc::new(Calm(calm_at)))
    }

    #[test]
    fn the_one_who_watches_is_told_of_the_last() {
        tell(|| unreachable!("nobody watches"));
        let now = Instant::now();
        let ((), told) = watch(|| {
            tell(|| pressed(None));
            tell(|| pressed(Some(now)));
            tell(|| None);
        });
        assert_eq!(told.expect("it was pressed").calm_at(), Some(now));
        assert!(watch(|| ()).1.is_none());
    }

    #[test]
    fn what_is_watched_inside_is_not_told_outside_and_a_panic_ends_the_watch() {
        let (inner, outer) = watch(|| watch(|| tell(|| pressed(None))).1);
        assert!(inner.is_some() && outer.is_none());
        assert!(catch_unwind(|| watch(|| panic!("on purpose"))).is_err());
        tell(|| unreachable!("nobody watches"));
    }
}
