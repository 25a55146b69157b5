//! The command line and the environment.

use crate::scenarios::{SCENARIOS, Scenario};
use crate::servers::{SERVERS, Server};

/// What is to be done.
#[derive(Debug, PartialEq, Eq)]
pub enum Task {
    /// Rounds of sessions, compared with the floor's and the peers'.
    Compare,
    /// `--instructions`: against the committed ones.
    Instructions,
    /// `--cost`: the counts that the documents show.
    Cost,
    /// `--lives`: the same of a join and of an echo.
    Lives,
    /// `--micro`: the table of the micro-benchmarks, from standard input into the documents.
    Micro,
    /// `--document NAME`: any other table, from standard input into the place of that name.
    Document(String),
}

/// What is to be run.
#[derive(Debug)]
pub struct Options {
    /// What is to be done.
    pub task: Task,
    /// How often each server is measured.
    pub rounds: usize,
    scenarios: Vec<String>,
    servers: Vec<String>,
}

impl Options {
    /// Reads the arguments (a task's, or names of scenarios to compare in, none for all), `BENCH_ONLY` (parts of names of
    /// servers, with commas between; none for all) and `BENCH_ROUNDS` (5).
    ///
    /// # Errors
    /// When a name is unknown or a number is none.
    pub fn read() -> Result<Self, String> {
        let mut arguments = std::env::args().skip(1).peekable();
        let option = arguments.next_if(|argument| argument.starts_with("--"));
        let task = match option.as_deref() {
            None => Task::Compare,
            Some("--instructions") => Task::Instructions,
            Some("--cost") => Task::Cost,
            Some("--lives") => Task::Lives,
            Some("--micro") => Task::Micro,
            Some("--document") => {
                Task::Document(arguments.next().ok_or("--document needs the name of a place")?)
            }
            Some(unknown) => return Err(format!("there is no {unknown}")),
        };
        let scenarios: Vec<String> = arguments.collect();
        let known = SCENARIOS.iter().map(|scenario| scenario.name).collect::<Vec<_>>();
        if let Some(unknown) = scenarios.iter().find(|name| !known.contains(&name.as_str())) {
            return Err(format!("there is no scenario {unknown}, only: {}", known.join(", ")));
        }
        let only = std::env::var("BENCH_ONLY").unwrap_or_default();
        let servers: Vec<String> =
            only.split(',').filter(|name| !name.is_empty()).map(str::to_owned).collect();
        let none =
            |part: &&String| SERVERS.iter().all(|server| !server.name.contains(part.as_str()));
        if let Some(unknown) = servers.iter().find(none) {
            let known = SERVERS.iter().map(|server| server.name).collect::<Vec<_>>();
            return Err(format!(
                "BENCH_ONLY: there is no server {unknown}, only: {}",
                known.join(", ")
            ));
        }
        let rounds = match std::env::var("BENCH_ROUNDS") {
            Ok(rounds) => rounds.parse().ok().filter(|rounds| *rounds > 0),
            Err(_) => Some(5),
        };
        let rounds = rounds.ok_or("BENCH_ROUNDS is a number from 1")?;
        Ok(Self { task, rounds, scenarios, servers })
    }

    /// The scenarios that were asked for.
    pub fn scenarios(&self) -> impl Iterator<Item = &'static Scenario> {
        let asked = |name: &str| {
            self.scenarios.is_empty() || self.scenarios.iter().any(|asked| asked == name)
        };
        SCENARIOS.iter().filter(move |scenario| asked(scenario.name))
    }

    /// Whether the server was asked for.
    pub fn takes(&self, server: &Server) -> bool {
        self.servers.is_empty()
            || self.servers.iter().any(|part| server.name.contains(part.as_str()))
    }

    /// Whether each scenario that was named is to be written, with `BENCH_WRITE` and all its servers.
    pub fn writes_sections(&self) -> bool {
        !self.scenarios.is_empty()
            && self.servers.is_empty()
            && std::env::var_os("BENCH_WRITE").is_some()
    }

    /// Whether nothing is left out, so that the results may be published.
    pub fn is_whole(&self) -> bool {
        self.scenarios.is_empty() && self.servers.is_empty()
    }
}
