//! Who may write next: see [`outlet`](crate::takeover::outlet). `tests/loom` compiles this file over loom's
//! primitives and checks it.

use crate::sync::{AtomicU64, Ordering};

/// Counts the turns of one outlet.
#[derive(Debug)]
pub(crate) struct Turns {
    now: AtomicU64,
    /// The turn that began when the writer last looked.
    looked: AtomicU64,
}

/// The right to write in one turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Turn(u64);

impl Turn {
    /// None: nothing may be written.
    pub(crate) const VOID: Self = Self(0);
}

impl Turns {
    pub(crate) fn new() -> Self {
        Self { now: AtomicU64::new(1), looked: AtomicU64::new(1) }
    }

    /// The writer looks: what it finds nothing behind may be armed. Whatever voided an earlier turn
    /// happened before, and is found.
    pub(crate) fn look(&self) {
        let turn = self.now.fetch_add(1, Ordering::AcqRel) + 1;
        self.looked.store(turn, Ordering::Relaxed);
    }

    /// Something is to be sent before anything else, and can be found: nobody else may write until the
    /// writer has looked.
    pub(crate) fn void(&self) {
        self.now.fetch_add(1, Ordering::Release);
    }

    /// The turn in which the writer looked last. To be asked on its thread.
    pub(crate) fn turn(&self) -> Turn {
        Turn(self.looked.load(Ordering::Relaxed))
    }

    /// Whether what was armed in `turn` may write.
    pub(crate) fn may_write(&self, turn: Turn) -> bool {
        self.now.load(Ordering::Acquire) == turn.0
    }
}
