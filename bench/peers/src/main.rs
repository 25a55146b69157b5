//! The load: starts each server on one core, opens clients from another, counts every delivery, and
//! writes what it cost. `bench/run` builds everything and calls it.

mod board;
mod cost;
mod crowd;
mod deliveries;
mod documents;
mod echoes;
mod joins;
mod machine;
mod micro;
mod options;
mod plot;
mod process;
mod publisher;
mod regression;
mod report;
mod results;
mod scenarios;
mod servers;
mod session;
mod stalled;
mod summary;
mod tool;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use options::{Options, Task};
use results::Results;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use scenarios::{SCENARIOS, Scenario};
use servers::{Purpose, SERVERS, Server};
use session::Session;
use tool::Tool;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bench: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), String> {
    let options = Options::read()?;
    raise_files()?;
    process::pin(process::LOAD_CORES)?;
    match &options.task {
        Task::Compare => compare(&options),
        Task::Instructions => regression::check(&options),
        Task::Cost => counts(&options),
        Task::Lives => lives(&options),
        Task::Micro => micro_benchmarks(),
        Task::Document(name) => document(name),
    }
}

const TOOLS: [Tool; 3] = [Tool::Instructions, Tool::SystemCalls, Tool::Allocations];

/// Counts what a delivery takes: instructions, system calls and allocations, and writes their table.
fn counts(options: &Options) -> Result<(), String> {
    let mut costs = Vec::new();
    for server in counted(options).filter(|server| server.purpose == Purpose::FanOut) {
        let row = TOOLS.iter().map(|tool| cost::measure(server, *tool));
        let row = row.collect::<Result<Vec<_>, _>>();
        let row = row.map_err(|error| format!("{}: {error}", server.name))?;
        eprintln!("{:<18} {row:?}", server.name);
        costs.push((server, row));
    }
    written(options, "costs", &report::costs(&costs))
}

/// The same of a join and of an echo.
fn lives(options: &Options) -> Result<(), String> {
    let of =
        |what, takes_part: fn(&Server) -> bool, count: fn(&Server, Tool) -> Result<f64, String>| {
            let mut counts = Vec::new();
            for server in counted(options).filter(|server| takes_part(server)) {
                let row = TOOLS.iter().map(|tool| count(server, *tool));
                let row = row.collect::<Result<Vec<_>, _>>();
                let row = row.map_err(|error| format!("{}: {error}", server.name))?;
                eprintln!("{:<18} {what}: {row:?}", server.name);
                counts.push((server, row));
            }
            Ok::<String, String>(report::counts(what, &counts))
        };
    let joins = of("a join", Server::is_joined, cost::join)?;
    let echoes = of("an echo", |server| server.purpose == Purpose::Echo, cost::echo)?;
    written(options, "lives", &format!("{joins}\n{echoes}"))
}

/// The servers that were asked for, but for Bun's: its just-in-time compiler is too much for valgrind.
fn counted(options: &Options) -> impl Iterator<Item = &'static Server> + use<'_> {
    SERVERS.iter().filter(|server| options.takes(server) && !server.name.contains("bun"))
}

/// Shows a table, and writes it where nothing is left out.
fn written(options: &Options, name: &str, table: &str) -> Result<(), String> {
    println!("{table}");
    if options.is_whole() { documents::write(&benchmarks(), name, table) } else { Ok(()) }
}

/// Writes what `cargo bench` prints, which comes from standard input, as a table.
fn micro_benchmarks() -> Result<(), String> {
    let divan = std::io::read_to_string(std::io::stdin()).map_err(|error| error.to_string())?;
    let table = micro::table(&divan);
    println!("{divan}\n{table}");
    documents::write(&benchmarks(), "micro", &table)
}

/// Writes a table that comes from standard input, with the machine that it was measured on.
fn document(name: &str) -> Result<(), String> {
    let table = std::io::read_to_string(std::io::stdin()).map_err(|error| error.to_string())?;
    if !table.starts_with('|') {
        return Err(format!("no table came for {name}"));
    }
    let table = format!("{}\n\nOn {}.", table.trim(), machine::host());
    println!("{table}");
    documents::write(&benchmarks(), name, &table)
}

/// Rounds of sessions, and their results as tables and as a plot.
fn compare(options: &Options) -> Result<(), String> {
    let mut results = Results::default();
    for round in 1..=options.rounds {
        for scenario in options.scenarios() {
            let servers: Vec<_> =
                scenario.servers().filter(|server| options.takes(server)).collect();
            let sessions = session::measure(&servers, scenario)
                .map_err(|error| format!("{}: {error}", scenario.name))?;
            for (server, session) in sessions {
                log(round, scenario, server, &session);
                results.add(scenario.name, server.name, session);
            }
        }
    }
    let machine = machine::description(options.rounds);
    let mut whole = format!("{machine}\n");
    for scenario in options.scenarios() {
        whole += &format!("\n### {}\n\n{}", scenario.title, report::tables(&results, scenario));
    }
    let growth = report::growth(&results, SERVERS);
    if growth.lines().count() > 2 {
        whole +=
            &format!("\n### Cost of a delivery at 10,000 clients over that at 100\n\n{growth}");
    }
    println!("{whole}");
    if options.writes_sections() {
        for scenario in options.scenarios() {
            let tables = report::tables(&results, scenario);
            let content = format!("{tables}\n{machine}");
            documents::write_section(&benchmarks(), "results", scenario.title, &content)?;
        }
    }
    if options.is_whole() {
        documents::write(&benchmarks(), "results", &whole)?;
        documents::write(&root().join("README.md"), "results", &summary::of(&whole)?)?;
        let plot = root().join("docs/bench.svg");
        std::fs::write(&plot, plot::svg(&results, &SCENARIOS[0]))
            .map_err(|error| format!("{}: {error}", plot.display()))?;
    }
    Ok(())
}

fn log(round: usize, scenario: &Scenario, server: &Server, session: &Session) {
    let figures = session.figures.iter().filter(|(name, _)| !name.contains("busiest"));
    let figures: Vec<String> =
        figures.map(|(name, figure)| format!("{name}: {figure:.1}")).collect();
    eprintln!("{round} {:<12} {:<16} {}", scenario.name, server.name, figures.join(", "));
}

fn benchmarks() -> PathBuf {
    root().join("docs/BENCHMARKS.md")
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// As many open files as the system allows; the servers inherit it.
fn raise_files() -> Result<(), String> {
    // Two a client, which is what a server that holds its sockets twice needs.
    const NEEDED: u64 = 2 * 9_900 + 100;
    let allowed = getrlimit(Resource::Nofile).maximum;
    let limit = allowed.map(|allowed| allowed.max(NEEDED));
    setrlimit(Resource::Nofile, Rlimit { current: limit, maximum: limit })
        .map_err(|error| format!("{NEEDED} open files are needed (ulimit -Hn): {error}"))
}
