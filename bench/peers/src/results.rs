//! The figures of all rounds.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::session::Session;

/// Median, least and most of one figure over the rounds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Spread {
    /// The middle one; of an even number, the mean of the two in the middle.
    pub median: f64,
    /// The least.
    pub min: f64,
    /// The most.
    pub max: f64,
}

/// By scenario and server: a session a round.
#[derive(Debug, Default)]
pub struct Results(BTreeMap<(&'static str, &'static str), Vec<Session>>);

impl Results {
    /// Adds a round's session. All servers of a scenario must be added in each round.
    pub fn add(&mut self, scenario: &'static str, server: &'static str, session: Session) {
        self.0.entry((scenario, server)).or_default().push(session);
    }

    /// The figure's spread. `None` when it was not measured.
    pub fn spread(&self, scenario: &str, server: &str, figure: &str) -> Option<Spread> {
        spread(&self.rounds(scenario, server, figure))
    }

    /// The spread of the ratios, each of two figures of one round.
    pub fn ratio(&self, over: (&str, &str, &str), under: (&str, &str, &str)) -> Option<Spread> {
        let over = self.rounds(over.0, over.1, over.2);
        let under = self.rounds(under.0, under.1, under.2);
        spread(&over.iter().zip(under).map(|(over, under)| over / under).collect::<Vec<_>>())
    }

    /// That part of the fan-outs of all rounds was at most this long.
    pub fn fan_out(&self, scenario: &str, server: &str, part: f64) -> Option<Duration> {
        let sessions = self.0.get(&(scenario, server))?;
        let mut all: Vec<Duration> =
            sessions.iter().flat_map(|session| &session.fan_outs).copied().collect();
        all.sort_unstable();
        all.get(((all.len() as f64 * part).ceil() as usize).saturating_sub(1)).copied()
    }

    fn rounds(&self, scenario: &str, server: &str, figure: &str) -> Vec<f64> {
        let sessions = self.0.get(&(scenario, server)).map(Vec::as_slice).unwrap_or_default();
        let figures = sessions.iter().map(|session| &session.figures);
        figures.filter_map(|all| Some(all.iter().find(|(name, _)| name == figure)?.1)).collect()
    }
}

fn spread(figures: &[f64]) -> Option<Spread> {
    let mut sorted = figures.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let (min, max) = (*sorted.first()?, *sorted.last()?);
    let middle = sorted.len() / 2;
    let median = match sorted.len() % 2 {
        0 => f64::midpoint(sorted[middle - 1], sorted[middle]),
        _ => sorted[middle],
    };
    Some(Spread { median, min, max })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn session(figure: f64, fan_outs: &[u64]) -> Session {
        let fan_outs = fan_outs.iter().map(|ms| Duration::from_millis(*ms)).collect();
        Session { figures: vec![("ns 1".to_owned(), figure)], fan_outs }
    }

    #[test]
    fn a_ratio_is_taken_within_a_round() {
        let mut results = Results::default();
        for (floor, ereo) in [(10.0, 20.0), (100.0, 110.0), (1.0, 3.0)] {
            results.add("thousand", "floor", session(floor, &[]));
            results.add("thousand", "ereo", session(ereo, &[]));
        }
        let ratio = results.ratio(("thousand", "ereo", "ns 1"), ("thousand", "floor", "ns 1"));
        assert_eq!(ratio, Some(Spread { median: 2.0, min: 1.1, max: 3.0 }));
        assert_eq!(results.spread("thousand", "ereo", "ns 16"), None);
    }

    #[test]
    fn percentiles_are_those_of_all_rounds_together() {
        let mut results = Results::default();
        results.add("thousand", "floor", session(1.0, &[4, 1]));
        results.add("thousand", "floor", session(1.0, &[2, 3]));
        let at = |part| results.fan_out("thousand", "floor", part).map(|time| time.as_millis());
        assert_eq!([at(0.5), at(0.75), at(0.99)], [Some(2), Some(3), Some(4)]);
    }
}
