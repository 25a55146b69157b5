//! The servers of one scenario, once.

use std::collections::BTreeMap;
use std::process::Command;
use std::time::Duration;

use crate::crowd::{Crowd, Idle, Run};
use crate::echoes;
use crate::joins;
use crate::process::{self, Process, SERVER_CORES, WORKER_CORES};
use crate::scenarios::{Scenario, Variation};
use crate::servers::Server;
use crate::stalled::Stalled;

/// How long a server may take for anything.
pub const PATIENCE: Duration = Duration::from_secs(10);
/// Messages before those that are measured, in all turns of a session.
const WARM_UP: usize = 20;
/// Clients before those that are measured: what a server takes for its first is no matter of each.
const FIRST_CLIENTS: usize = 8;
/// In a storm: connections that actix holds at a time, where that is limited.
pub const FEW: usize = 64;

/// What a session of one server found out, each as one figure of a series that has a name.
#[derive(Debug, Default)]
pub struct Session {
    /// Name and value; the unit is the name's.
    pub figures: Vec<(String, f64)>,
    /// At window 1: from each publish until the last client had it.
    pub fan_outs: Vec<Duration>,
}

/// Measures each of the servers; those of a scenario that has turns by turns.
///
/// # Errors
/// When a delivery is lost, or a server fails: no figure of the round counts.
pub fn measure(
    servers: &[&'static Server],
    scenario: &Scenario,
) -> Result<Vec<(&'static Server, Session)>, String> {
    let together = if scenario.turns > 1 { servers.len().max(1) } else { 1 };
    let mut sessions = Vec::new();
    for some in servers.chunks(together) {
        let measured = match scenario.variation {
            Variation::None => by_turns(some, scenario)?,
            Variation::Stalled => each(some, scenario, stalled)?,
            Variation::Workers => each(some, scenario, workers)?,
            Variation::Storm => each(some, scenario, storm)?,
            Variation::Comeback => each(some, scenario, comeback)?,
            Variation::Join => joins::measure(some, scenario)?,
            Variation::Echo => echoes::measure(some, scenario)?,
        };
        sessions.extend(some.iter().copied().zip(measured));
    }
    Ok(sessions)
}

fn each(
    servers: &[&'static Server],
    scenario: &Scenario,
    measure: impl Fn(&'static Server, &Scenario) -> Result<Session, String>,
) -> Result<Vec<Session>, String> {
    servers.iter().map(|server| named(server, measure(server, scenario))).collect()
}

/// Says in an error whose it is.
pub fn named<T>(server: &Server, result: Result<T, String>) -> Result<T, String> {
    result.map_err(|error| format!("{}: {error}", server.name))
}

/// All servers are there with all their clients, and one after the other has a part of the messages:
/// what the machine does meanwhile meets all of them alike.
fn by_turns(servers: &[&'static Server], scenario: &Scenario) -> Result<Vec<Session>, String> {
    let mut running = Vec::<Running>::new();
    for server in servers {
        running.push(named(server, Running::open(server, scenario, SERVER_CORES, Idle::Spins))?);
        running.iter_mut().try_for_each(|one| named(one.server, one.crowd.glance()))?;
    }
    for (window, messages) in scenario.windows {
        for _ in 0..scenario.turns {
            for one in &mut running {
                named(one.server, one.turn(*window, messages / scenario.turns, scenario))?;
                one.crowd.rest();
            }
        }
    }
    running.into_iter().map(|one| named(one.server, one.end())).collect()
}

/// The same server with a client that does not read, and before it comes.
fn stalled(server: &'static Server, scenario: &Scenario) -> Result<Session, String> {
    let mut running = Running::open(server, scenario, SERVER_CORES, Idle::Spins)?;
    running.all_turns(scenario)?;
    let stalled = Stalled::open(&running.crowd)?;
    // Far more than the kernel holds for it.
    running.crowd.run(40, 1, 10_000)?;
    running.label = " stalled";
    running.all_turns(scenario)?;
    stalled.check(40 * 10_000)?;
    running.end()
}

/// The same server twice, with a worker and with two, by turns.
fn workers(server: &'static Server, scenario: &Scenario) -> Result<Session, String> {
    let mut one = Running::open(server, scenario, &WORKER_CORES[..1], Idle::Sleeps)?;
    let mut two = Running::open(server, scenario, WORKER_CORES, Idle::Sleeps)?;
    one.label = " one";
    for (window, messages) in scenario.windows {
        for _ in 0..scenario.turns {
            let messages = messages / scenario.turns;
            one.crowd.open_publisher(1)?;
            one.turn(*window, messages, scenario)?;
            // actix hands connections to its workers in turn: the second of two is the other's.
            for label in [" two", " other"] {
                two.label = label;
                two.crowd.open_publisher(1)?;
                two.turn(*window, messages, scenario)?;
            }
        }
    }
    let mut session = one.end()?;
    session.figures.extend(two.end()?.figures);
    Ok(session)
}

/// The same server twice, the second time with few connections at a time in actix's hands.
fn storm(server: &'static Server, scenario: &Scenario) -> Result<Session, String> {
    let mut session = Running::open(server, scenario, SERVER_CORES, Idle::Spins)?.end()?;
    if let Some(few) = server.with_few(FEW) {
        let few = Running::start(server, few, scenario, SERVER_CORES, Idle::Spins)?.end()?;
        let few = few.figures.into_iter().map(|(name, figure)| (format!("{name} few"), figure));
        session.figures.extend(few);
    }
    Ok(session)
}

/// A server that has just started, and clients that were at another and come with a position of that one.
fn comeback(server: &'static Server, scenario: &Scenario) -> Result<Session, String> {
    let process = Process::start(server.command(), SERVER_CORES, PATIENCE)?;
    let gather = |request: &str, clients| {
        let (protocol, port) = (server.protocol, process.port);
        Crowd::gather(protocol, request, port, clients, clients, Idle::Spins)
    };
    drop(gather(&server.request(), FIRST_CLIENTS)?);
    let before = Before::of(&process)?;
    let crowd = gather(&server.request_after("0123456789abcdef-5"), scenario.clients)?;
    Ok(Session { figures: before.until(&process, &crowd)?, ..Session::default() })
}

/// What a server has taken before its clients come.
struct Before {
    resident: u64,
    cpu: Duration,
}

impl Before {
    fn of(process: &Process) -> Result<Self, String> {
        Ok(Self { resident: process.resident()?, cpu: process.at_rest()? })
    }

    /// What these clients took since.
    fn until(&self, process: &Process, crowd: &Crowd) -> Result<Vec<(String, f64)>, String> {
        let mut waits = crowd.waits();
        waits.sort_unstable();
        let each = |of: f64| of / waits.len() as f64;
        let grown = |size: u64| each(size.saturating_sub(self.resident) as f64);
        let cpu = process.at_rest()?.saturating_sub(self.cpu);
        let wait = |index: usize| waits.get(index).map_or(0.0, |wait| wait.as_secs_f64() * 1e3);
        let figures = [
            ("KiB", grown(process.resident()?)),
            ("KiB peak", grown(process.peak()?)),
            ("µs a join", each(cpu.as_secs_f64() * 1e6)),
            ("ms p99 in", wait(waits.len() * 99 / 100)),
            ("ms all in", wait(waits.len() - 1)),
        ];
        Ok(figures.map(|(name, figure)| (name.to_owned(), figure)).into())
    }
}

/// A server with its clients.
struct Running {
    server: &'static Server,
    process: Process,
    crowd: Crowd,
    session: Session,
    /// Behind the names of the figures: what is varied.
    label: &'static str,
    /// By window, and by what is varied.
    used: BTreeMap<(usize, &'static str), Used>,
}

/// What the runs of a window took so far.
#[derive(Debug, Default)]
struct Used {
    /// By thread.
    cpu: BTreeMap<u32, Duration>,
    /// By the load.
    load: Duration,
    deliveries: usize,
    took: Duration,
}

impl Running {
    fn open(
        server: &'static Server,
        scenario: &Scenario,
        cores: &[usize],
        idle: Idle,
    ) -> Result<Self, String> {
        Self::start(server, server.command(), scenario, cores, idle)
    }

    fn start(
        server: &'static Server,
        command: Command,
        scenario: &Scenario,
        cores: &[usize],
        idle: Idle,
    ) -> Result<Self, String> {
        let process = Process::start(command, cores, PATIENCE)?;
        let open =
            |clients, joining| Crowd::open(server.protocol, process.port, clients, joining, idle);
        let mut first = open(FIRST_CLIENTS, FIRST_CLIENTS)?;
        first.run(1, 1, scenario.size)?;
        first.finish()?;
        drop(first);
        let before = Before::of(&process)?;
        let crowd = open(scenario.clients, scenario.joining)?;
        let figures = before.until(&process, &crowd)?;
        let session = Session { figures, ..Session::default() };
        Ok(Self { server, process, crowd, session, label: "", used: BTreeMap::new() })
    }

    /// Publishes so many messages.
    fn turn(&mut self, window: usize, messages: usize, scenario: &Scenario) -> Result<(), String> {
        let warm_up = WARM_UP.div_ceil(scenario.turns).max(2 * window);
        self.crowd.run(warm_up, window, scenario.size)?;
        let (load, before) = (process::load(), self.process.threads()?);
        let run = match scenario.variation {
            Variation::Workers => self.crowd.run_seldom(messages, window, scenario.size)?,
            _ => self.crowd.run(messages, window, scenario.size)?,
        };
        let used = self.used.entry((window, self.label)).or_default();
        for (thread, after) in self.process.threads()? {
            let since = before.get(&thread).copied().unwrap_or_default();
            *used.cpu.entry(thread).or_default() += after.saturating_sub(since);
        }
        used.load += process::load().saturating_sub(load);
        let Run { deliveries, took, fan_outs } = run;
        used.deliveries += deliveries;
        used.took += took;
        if window == 1 {
            self.session.fan_outs.extend(fan_outs);
        }
        Ok(())
    }

    /// All messages at once.
    fn all_turns(&mut self, scenario: &Scenario) -> Result<(), String> {
        scenario
            .windows
            .iter()
            .try_for_each(|(window, messages)| self.turn(*window, *messages, scenario))
    }

    /// Makes figures of what was used.
    fn end(mut self) -> Result<Session, String> {
        self.crowd.finish()?;
        for ((window, label), used) in self.used {
            let per_delivery = |cpu: Duration| cpu.as_nanos() as f64 / used.deliveries as f64;
            let busiest = used.cpu.values().max().copied().unwrap_or_default();
            let per_second = used.deliveries as f64 / used.took.as_secs_f64();
            self.session.figures.extend([
                (format!("ns {window}{label}"), per_delivery(used.cpu.values().sum())),
                (format!("busiest ns {window}{label}"), per_delivery(busiest)),
                (format!("per second {window}{label}"), per_second),
                (format!("load ns {window}{label}"), per_delivery(used.load)),
                // If the core that a worker shares with the load were never idle.
                (
                    format!("most per second {window}{label}"),
                    1e9 / per_delivery(used.load + busiest),
                ),
            ]);
        }
        Ok(self.session)
    }
}
