//! Errors of late, and how often each occurred.

use std::collections::{BTreeMap, VecDeque};

use tokio::time::Instant;

/// How many of the last problems are known.
const KEPT: usize = 100;

/// Counts by kind and reason, which are literals: there are as many as there are in the code.
#[derive(Debug, Default)]
pub(super) struct Problems {
    counts: BTreeMap<(&'static str, &'static str), u64>,
    last: VecDeque<Problem>,
    /// Refusals by the route's pattern, of which there are as many as there are routes.
    refused: BTreeMap<String, u64>,
}

/// All of it.
#[derive(Debug)]
pub(crate) struct Known {
    pub(crate) counts: Vec<Counted>,
    /// The newest first.
    pub(crate) last: Vec<Problem>,
    pub(crate) refused: Vec<(String, u64)>,
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
        if kind == "refused" {
            match self.refused.get_mut(route) {
                Some(count) => *count += 1,
                None => drop(self.refused.insert(route.to_owned(), 1)),
            }
        }
        let oldest = if self.last.len() == KEPT { self.last.pop_front() } else { None };
        // The room of the oldest's name is used again: a flood of refusals allocates little.
        let mut name = oldest.map(|problem| problem.route).unwrap_or_default();
        name.clear();
        name.push_str(route);
        self.last.push_back(Problem { at: Instant::now(), kind, reason, route: name });
    }

    pub(super) fn all(&self) -> Known {
        let counted = |(&(kind, reason), &count)| Counted { kind, reason, count };
        let counts = self.counts.iter().map(counted).collect();
        let last = self.last.iter().rev().cloned().collect();
        let refused = self.refused.iter().map(|(route, count)| (route.clone(), *count)).collect();
        Known { counts, last, refused }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hundred_are_kept_and_all_are_counted() {
        let mut problems = Problems::default();
        for number in 0..250 {
            problems.add("lagged", "skipped", &format!("/{number}"));
        }
        problems.add("reset", "epoch", "/feed");
        problems.add("refused", "address", "/feed");
        problems.add("refused", "room", "/feed");
        let Known { counts, last, refused } = problems.all();
        assert_eq!(counts.iter().map(|counted| counted.count).collect::<Vec<_>>(), [250, 1, 1, 1]);
        assert_eq!(refused, [("/feed".to_owned(), 2)]);
        assert_eq!(
            (last.len(), last[0].route.as_str(), last[99].route.as_str()),
            (100, "/feed", "/153")
        );
    }
}
