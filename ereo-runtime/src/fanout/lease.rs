//! The right to write to a connection next: its own writer's, or a relay's in the writer's place.
//!
//! The proof that a relay never overtakes the writer. Let *W* be the connection's writer and *R* a relay; both
//! run on the connection's thread. A *publisher* of something that must not be overtaken (a frame for this
//! connection alone, a close, an expiry) runs on any thread.
//!
//! 1. A lease is a number. It is valid as long as [`Leases::now`](Leases) is that number.
//! 2. Only [`renew`](Leases::renew) makes a valid lease. *W* calls it before it looks at what is to be sent, and
//!    hands the lease out only where that look found nothing.
//! 3. A publisher first makes its frame findable (in the mailbox, under its lock), then calls
//!    [`revoke`](Leases::revoke). So if *W*'s look did not find the frame, the look came before the frame, and
//!    the revocation comes behind the lease that the look led to: the lease is not valid any more, or not yet
//!    revoked.
//! 4. What the publisher broadcasts *behind* its frame is appended to the log behind the revocation. *R* checks
//!    the lease after it has read that entry from the log: the log's lock orders the two, so *R* sees the
//!    revocation, and leaves the entry to *W*, which finds the frame first.
//! 5. An entry that *R* writes although a revocation comes at that moment was broadcast before the frame, or by
//!    somebody else: no order was promised.
//!
//! So check-then-write is safe without a lock: what the check may miss is never what must go first. `tests/loom`
//! compiles this file over loom's primitives and checks 3 and 4 in every interleaving.

use crate::sync::{AtomicU64, Ordering};

/// Counts the leases of one connection.
#[derive(Debug)]
pub struct Leases {
    now: AtomicU64,
    /// The lease of the writer's last look.
    renewed: AtomicU64,
}

/// The right to write until the writer has something of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Lease(u64);

impl Lease {
    /// Never valid.
    pub(crate) const NONE: Self = Self(0);
}

impl Leases {
    pub(crate) fn new() -> Self {
        Self { now: AtomicU64::new(1), renewed: AtomicU64::new(1) }
    }

    /// Begins a lease; the writer is about to look. Whatever revoked an earlier one happened before, and is
    /// found.
    pub(crate) fn renew(&self) {
        let lease = self.now.fetch_add(1, Ordering::AcqRel) + 1;
        self.renewed.store(lease, Ordering::Relaxed);
    }

    /// Ends the lease: something is to be sent before anything else, and can be found. From any thread.
    pub(crate) fn revoke(&self) {
        self.now.fetch_add(1, Ordering::Release);
    }

    /// The lease of the writer's last look. To be asked on the writer's thread.
    pub(crate) fn current(&self) -> Lease {
        Lease(self.renewed.load(Ordering::Relaxed))
    }

    pub(crate) fn is_valid(&self, lease: Lease) -> bool {
        self.now.load(Ordering::Acquire) == lease.0
    }
}
