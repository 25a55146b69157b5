//! What is measured.

use crate::servers::{Purpose, SERVERS, Server};

/// One way to load the servers.
#[derive(Debug)]
pub struct Scenario {
    /// In options and in the results.
    pub name: &'static str,
    /// Above its table.
    pub title: &'static str,
    /// Which servers take part, by a part of their names; empty for all.
    only: &'static [&'static str],
    /// Clients that read.
    pub clients: usize,
    /// Clients that are let in at a time. A chat tells all of each that joins: many at a time are
    /// quicker, but what they are told in one go grows buffers that idle clients do not need.
    pub joining: usize,
    /// Bytes of a message as it is delivered.
    pub size: usize,
    /// Messages on their way at a time, and messages in all; of joins and echoes see [`Variation`].
    pub windows: &'static [(usize, usize)],
    /// In how many turns the servers publish them, one server after the other, all with their clients.
    /// With one turn a server is alone: there are not as many descriptors as all need.
    pub turns: usize,
    /// What else is varied.
    pub variation: Variation,
}

/// What a scenario varies within a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Variation {
    /// Nothing.
    None,
    /// First without, then with a client more that does not read.
    Stalled,
    /// One worker on one core, then two on two; and the publisher on either worker.
    Workers,
    /// All clients come at once, and nothing is published. Then the same where actix holds few
    /// connections at a time.
    Storm,
    /// All clients come at once to a server that has just started, with positions of the one before.
    Comeback,
    /// Clients come, are let in, and leave; so many at a time, so many in all. The sockets are those that
    /// echo.
    Join,
    /// Each client says something, waits until it hears it, and says the next: so many echoes in all.
    Echo,
}

const fn scenario(name: &'static str, title: &'static str, clients: usize) -> Scenario {
    let windows = &[(1, 300), (16, 1_200)];
    Scenario {
        name,
        title,
        only: &[],
        clients,
        joining: 128,
        size: 150,
        windows,
        turns: 10,
        variation: Variation::None,
    }
}

/// All of them, in the order in which a round goes through them.
pub const SCENARIOS: &[Scenario] = &[
    Scenario { joining: 8, ..scenario("thousand", "1,000 clients, messages of 150 bytes", 1_000) },
    Scenario {
        only: &["floor", "ereo", "least"],
        windows: &[(1, 2_000), (16, 8_000)],
        ..scenario("hundred", "100 clients, messages of 150 bytes", 100)
    },
    Scenario {
        only: &["floor", "ereo", "least", "axum-sse"],
        windows: &[(1, 40), (16, 160)],
        joining: 32,
        turns: 1,
        ..scenario("ten-thousand", "10,000 clients, messages of 150 bytes", 10_000)
    },
    Scenario {
        size: 10_000,
        windows: &[(1, 50), (16, 100)],
        ..scenario("large", "1,000 clients, messages of 10,000 bytes", 1_000)
    },
    Scenario {
        only: &["ereo"],
        turns: 1,
        variation: Variation::Stalled,
        windows: &[(1, 200), (16, 800)],
        ..scenario("stalled", "One client of a thousand does not read", 999)
    },
    Scenario {
        only: &["ereo"],
        windows: &[(1, 200), (16, 2_400)],
        turns: 5,
        variation: Variation::Workers,
        ..scenario("workers", "One worker and two", 1_000)
    },
    Scenario {
        joining: 1_000,
        windows: &[],
        turns: 1,
        variation: Variation::Storm,
        ..scenario("storm", "1,000 clients that come at once", 1_000)
    },
    Scenario {
        windows: &[],
        turns: 1,
        variation: Variation::Comeback,
        ..scenario("comeback", "10,000 clients that come back at once, after a restart", 10_000)
    },
    Scenario {
        windows: &[(1, 1_000), (16, 3_200)],
        variation: Variation::Join,
        ..scenario("join", "Clients that come, are let in, and leave", 0)
    },
    echo(scenario("echo-hundred", "Echo: 100 connections, messages of 100 bytes", 100)),
    echo(scenario("echo-thousand", "Echo: 1,000 connections, messages of 100 bytes", 1_000)),
    Scenario {
        turns: 1,
        ..echo(scenario(
            "echo-ten-thousand",
            "Echo: 10,000 connections, messages of 100 bytes",
            10_000,
        ))
    },
    Scenario {
        size: 10_000,
        ..echo(scenario("echo-large", "Echo: 100 connections, messages of 10,000 bytes", 100))
    },
];

/// The scenario's clients talk to servers that echo.
const fn echo(of: Scenario) -> Scenario {
    Scenario { size: 100, windows: &[(1, 100_000)], variation: Variation::Echo, ..of }
}

impl Scenario {
    /// Who takes part.
    pub fn servers(&self) -> impl Iterator<Item = &'static Server> + use<'_> {
        let part =
            |name: &str| self.only.is_empty() || self.only.iter().any(|only| name.contains(only));
        let fits = |server: &Server| match self.variation {
            Variation::Echo => server.purpose == Purpose::Echo,
            Variation::Join | Variation::Comeback => server.is_joined(),
            _ => server.purpose == Purpose::FanOut,
        };
        SERVERS.iter().filter(move |server| fits(server) && part(server.name))
    }
}

#[cfg(test)]
mod tests {
    use super::SCENARIOS;

    #[test]
    fn the_script_knows_every_scenario() {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../run");
        let script = std::fs::read_to_string(script).unwrap();
        let names: Vec<&str> = SCENARIOS.iter().map(|scenario| scenario.name).collect();
        assert!(script.contains(&format!("SCENARIOS=({})", names.join(" "))));
    }
}
