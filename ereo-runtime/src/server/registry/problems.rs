//! What went wrong lately, and how often.

use std::collections::{BTreeMap, VecDeque};

use tokio::time::Instant;

/// How many of the last problems are known.
const KEPT: usize = 100;

/// Counts by kind and reason, which are literals: there are as many as there are in the code.
#[derive(Debug, Default)]
pub(super) struct Problems {
    counts: BTreeMap<(&'static str, &'static str), u64>,
    last: VecDeque<Problem>,
}

/// Something that went wrong.
#[derive(Debug, Clone)]
pub(crate) struct Problem {
    pub(crate) at: Instant,
    pub(crate) kind: &'static str,
    pub(crate) reason: &'static str,
    /// The pattern, never the path: that may hold a secret.
    pub(crate) route: String,
}

/// How often a kind of it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Counted {
    pub(crate) kind: &'static str,
    pub(crate) reason: &'static str,
    pub(crate) count: u64,
}

impl Problems {
    pub(super) fn add(&mut self, kind: &'static str, reason: &'static str, route: &str) {
        *self.counts.entry((kind, reason)).or_default() += 1;
        let oldest = if self.last.len() == KEPT { self.last.pop_front() } else { None };
        // The room of the oldest's name is used again: a flood of refusals allocates little.
        let mut name = oldest.map(|problem| problem.route).unwrap_or_default();
        name.clear();
        name.push_str(route);
        self.last.push_back(Problem { at: Instant::now(), kind, reason, route: name });
    }

    pub(super) fn all(&self) -> (Vec<Counted>, Vec<Problem>) {
        let counted = |(&(kind, reason), &count)| Counted { kind, reason, count };
        let counts = self.counts.iter().map(counted).collect();
        (counts, self.last.iter().rev().cloned().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hundred_are_kept_and_all_are_counted() {
        let mut problems = Problems::default();
        for number in 0..250 {
            problems.add("refused", "address", &format!("/{number}"));
        }
        problems.add("reset", "epoch", "/feed");
        let (counts, last) = problems.all();
        assert_eq!(counts.iter().map(|counted| counted.count).collect::<Vec<_>>(), [250, 1]);
        assert_eq!((last.len(), last[0].route.as_str(), last[99].route.as_str()), (100, "/feed", "/151"));
    }
}
