//! Lets the input wait for the readers of a set that the handler has written to too fast.

use std::time::Duration;

use tokio::time::Instant;

use super::Link;
use crate::broadcast::Pressed;

/// Time until the readers are looked at again: they may have caught up before the set is calm by itself.
const AGAIN: Duration = Duration::from_millis(5);

/// A set under pressure, and until when nothing is read for it.
pub(super) struct Easing {
    set: Pressed,
    until: Instant,
}

impl Link {
    /// The handler has put a set under pressure: behind this turn the next message is read once the set's
    /// readers have caught up, or have time to.
    pub(in crate::websocket) fn is_pressed(&self, set: Pressed) {
        let easing = Easing { set, until: Instant::now() + AGAIN };
        let before = self.0.state.borrow_mut().rare().easing.replace(easing);
        drop(before);
    }

    /// Whether the input has to wait.
    pub(in crate::websocket) fn eases(&self) -> bool {
        let easing = self.0.state.borrow_mut().rare.as_mut().and_then(|rare| rare.easing.take());
        let Some(Easing { set, .. }) = easing else { return false };
        // Asks the set, and may be its last handle: not while the state is borrowed.
        let Some(calm) = set.calm_at() else { return false };
        let until = calm.min(Instant::now() + AGAIN);
        self.0.state.borrow_mut().rare().easing = Some(Easing { set, until });
        true
    }

    /// When that is to be asked again.
    pub(in crate::websocket) fn eases_until(&self) -> Option<Instant> {
        Some(self.0.state.borrow().rare.as_ref()?.easing.as_ref()?.until)
    }
}
