//! Members without a connection here, of whom the store has not been told yet: bounded.

use std::collections::BTreeMap;

use crate::sync::Arc;

/// Bytes of memory that they take. Beyond it the first are let go of: while the store is away, who comes and goes under
/// ever new keys takes no more.
const BYTES: usize = 8 << 20;

/// Bytes of their places.
const PLACES: usize = 256;

#[derive(Default)]
pub(super) struct Leaving {
    /// By the order in which they went.
    all: BTreeMap<u64, (Arc<str>, usize)>,
    bytes: usize,
    departures: u64,
}

impl Leaving {
    /// Adds one, of so many bytes; what gives it back.
    pub(super) fn leaves(&mut self, key: Arc<str>, bytes: usize) -> u64 {
        self.departures += 1;
        self.bytes += PLACES + bytes;
        self.all.insert(self.departures, (key, PLACES + bytes));
        self.departures
    }

    /// It has come back, or the store knows.
    pub(super) fn stays(&mut self, departure: Option<u64>) {
        if let Some((_, bytes)) = departure.and_then(|departure| self.all.remove(&departure)) {
            self.bytes -= bytes;
        }
    }

    /// Takes out those that there is no room for.
    pub(super) fn surplus(&mut self) -> Vec<Arc<str>> {
        let mut surplus = Vec::new();
        while self.bytes > BYTES
            && let Some((_, (key, bytes))) = self.all.pop_first()
        {
            self.bytes -= bytes;
            surplus.push(key);
        }
        surplus
    }
}
