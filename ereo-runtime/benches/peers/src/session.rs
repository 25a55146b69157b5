//! One server under one scenario, once.

use std::time::{Duration, Instant};

use crate::crowd::{Crowd, Run};
use crate::process::{Process, SERVER_CORES};
use crate::scenarios::{Scenario, Variation};
use crate::servers::Server;
use crate::stalled::Stalled;

const PATIENCE: Duration = Duration::from_secs(10);
/// Messages before those that are measured.
const WARM_UP: usize = 20;
/// Clients before those that are measured: what a server takes for its first is no matter of each.
const FIRST_CLIENTS: usize = 8;

/// What a session found out, each as one figure of a series that has a name.
#[derive(Debug, Default)]
pub struct Session {
    /// Name and value; the unit is the name's.
    pub figures: Vec<(String, f64)>,
    /// At window 1: from each publish until the last client had it.
    pub fan_outs: Vec<Duration>,
}

/// Starts the server, lets the clients in, and publishes.
///
/// # Errors
/// When a delivery is lost, or the server fails: no figure of the session counts.
pub fn measure(server: &Server, scenario: &Scenario) -> Result<Session, String> {
    let mut session = Session::default();
    match scenario.variation {
        Variation::None => {
            let (process, mut crowd) = session.open(server, scenario, SERVER_CORES)?;
            session.windows(&process, &mut crowd, scenario, "")?;
        }
        Variation::Stalled => {
            let (process, mut crowd) = session.open(server, scenario, SERVER_CORES)?;
            session.windows(&process, &mut crowd, scenario, "")?;
            let stalled = Stalled::open(&crowd)?;
            // Far more than the kernel holds for it.
            crowd.run(40, 1, 10_000)?;
            session.windows(&process, &mut crowd, scenario, " stalled")?;
            stalled.check(40 * 10_000)?;
        }
        Variation::Workers => {
            for (cores, label) in [(&[0][..], " one"), (&[0, 1], " two")] {
                let (process, mut crowd) = session.open(server, scenario, cores)?;
                session.windows(&process, &mut crowd, scenario, label)?;
                if cores.len() > 1 {
                    // actix hands connections to its workers in turn: this one is the other's.
                    crowd.open_publisher(1)?;
                    session.windows(&process, &mut crowd, scenario, " other")?;
                }
            }
        }
    }
    Ok(session)
}

impl Session {
    fn add(&mut self, name: impl Into<String>, value: f64) {
        self.figures.push((name.into(), value));
    }

    fn open(
        &mut self,
        server: &Server,
        scenario: &Scenario,
        cores: &[usize],
    ) -> Result<(Process, Crowd), String> {
        let process = Process::start(server.command(), cores, PATIENCE)?;
        let mut first = Crowd::open(server.protocol, process.port, FIRST_CLIENTS, FIRST_CLIENTS)?;
        first.run(1, 1, scenario.size)?;
        drop(first);
        let before = process.resident()?;
        let begin = Instant::now();
        let crowd = Crowd::open(server.protocol, process.port, scenario.clients, scenario.joining)?;
        self.add("seconds to open", begin.elapsed().as_secs_f64());
        let idle = process.resident()?.saturating_sub(before);
        self.add("KiB", idle as f64 / scenario.clients as f64);
        Ok((process, crowd))
    }

    fn windows(
        &mut self,
        process: &Process,
        crowd: &mut Crowd,
        scenario: &Scenario,
        label: &str,
    ) -> Result<(), String> {
        for (window, messages) in scenario.windows {
            crowd.run(WARM_UP.min(*messages), *window, scenario.size)?;
            let before = process.threads()?;
            let run = crowd.run(*messages, *window, scenario.size)?;
            let after = process.threads()?;
            let used = |(thread, after): (&u32, &Duration)| {
                after.saturating_sub(before.get(thread).copied().unwrap_or_default())
            };
            let each: Vec<Duration> = after.iter().map(used).collect();
            let busiest = each.iter().max().copied().unwrap_or_default();
            self.add(format!("ns {window}{label}"), per_delivery(each.iter().sum(), &run));
            self.add(format!("busiest ns {window}{label}"), per_delivery(busiest, &run));
            let per_second = run.deliveries as f64 / run.took.as_secs_f64();
            self.add(format!("per second {window}{label}"), per_second);
            if *window == 1 && label.is_empty() {
                self.fan_outs.extend(run.fan_outs);
            }
        }
        Ok(())
    }
}

fn per_delivery(cpu: Duration, run: &Run) -> f64 {
    cpu.as_nanos() as f64 / run.deliveries as f64
}
