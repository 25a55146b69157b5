//! What one delivery, one join and one echo cost in counts that do not depend on the machine's load.
//!
//! Each server runs four times for a delivery: with few and with many clients, and with few and with
//! many messages. What start, clients and messages cost by themselves cancels out in the differences;
//! what is left is what one message costs at one client. For a join or an echo it runs twice, with few
//! and with many.

use std::time::{Duration, Instant};

use crate::crowd::{Crowd, Idle};
use crate::echoes::Talkers;
use crate::joins;
use crate::process::{Process, SERVER_CORES};
use crate::servers::Server;
use crate::tool::Tool;

const CLIENTS: [usize; 2] = [10, 110];
const MESSAGES: [usize; 2] = [20, 220];
const SIZE: usize = 150;
const TIMES: [usize; 2] = [40, 240];
/// A server under valgrind starts slowly.
const PATIENCE: Duration = Duration::from_secs(60);

/// Counts of one server.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Cost {
    /// One message at one client.
    pub delivery: f64,
    /// One message, whatever the number of clients.
    pub publish: f64,
}

/// Runs the server under the tool.
///
/// # Errors
/// When the server fails or the tool reports nothing.
pub fn measure(server: &Server, tool: Tool) -> Result<Cost, String> {
    let mut counts = [[0.0; 2]; 2];
    for (row, clients) in counts.iter_mut().zip(CLIENTS) {
        for (count, messages) in row.iter_mut().zip(MESSAGES) {
            *count =
                run(server, tool, |process| deliver(server, process, clients, messages))? as f64;
        }
    }
    Ok(cost(counts))
}

fn cost(counts: [[f64; 2]; 2]) -> Cost {
    let [few, many] =
        counts.map(|[short, long]| (long - short) / (MESSAGES[1] - MESSAGES[0]) as f64);
    let delivery = (many - few) / (CLIENTS[1] - CLIENTS[0]) as f64;
    Cost { delivery, publish: few - delivery * CLIENTS[0] as f64 }
}

/// What a client costs that comes, is let in and leaves, one after the other.
///
/// # Errors
/// When the server fails or the tool reports nothing.
pub fn join(server: &Server, tool: Tool) -> Result<f64, String> {
    each(server, tool, |process, times| joins::join(server, process.port, times, 1))
}

/// What an echo costs, of one connection's.
///
/// # Errors
/// When the server fails or the tool reports nothing.
pub fn echo(server: &Server, tool: Tool) -> Result<f64, String> {
    each(server, tool, |process, times| Talkers::open(server, process.port, 1, 100)?.say(times))
}

fn each(
    server: &Server,
    tool: Tool,
    load: impl Fn(&Process, usize) -> Result<(), String>,
) -> Result<f64, String> {
    let [few, many] = TIMES;
    let counts = [few, many].map(|times| run(server, tool, |process| load(process, times)));
    let [short, long] = counts;
    Ok((long? as f64 - short? as f64) / (many - few) as f64)
}

fn deliver(
    server: &Server,
    process: &Process,
    clients: usize,
    messages: usize,
) -> Result<(), String> {
    let mut crowd = Crowd::open(server.protocol, process.port, clients, 1, Idle::Spins)?;
    crowd.run(messages, 1, SIZE)?;
    crowd.finish()
}

/// Counts what the server did until the load was over.
fn run(
    server: &Server,
    tool: Tool,
    load: impl FnOnce(&Process) -> Result<(), String>,
) -> Result<u64, String> {
    let report = tool.report();
    // What a run before has left.
    let _ = std::fs::remove_file(&report);
    let process = Process::start(tool.around(&server.command(), &report), SERVER_CORES, PATIENCE)?;
    load(&process)?;
    // The last have left only when the server has seen it.
    process.at_rest()?;
    process.terminate(PATIENCE)?;
    let begin = Instant::now();
    loop {
        let text = std::fs::read_to_string(&report).unwrap_or_default();
        if let Some(count) = tool.count(&text) {
            return Ok(count);
        }
        if begin.elapsed() > PATIENCE {
            return Err(format!("{tool:?}: no count in {}", report.display()));
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_per_delivery_cancels_out() {
        let count = |clients: usize, messages: usize| {
            (1_000 + 70 * clients + 30 * messages + 5 * clients * messages) as f64
        };
        let counts = CLIENTS.map(|clients| MESSAGES.map(|messages| count(clients, messages)));
        assert_eq!(cost(counts), Cost { delivery: 5.0, publish: 30.0 });
    }
}
