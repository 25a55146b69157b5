//! What a client costs that comes, is let in, and leaves.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use crate::deliveries::Deliveries;
use crate::process::{Process, SERVER_CORES};
use crate::scenarios::Scenario;
use crate::servers::Server;
use crate::session::{PATIENCE, Session, named};

/// Joins before those that are measured.
const WARM_UP: usize = 50;

/// Each server lets the scenario's clients in, by turns.
///
/// # Errors
/// When a server refuses one, or fails.
pub fn measure(servers: &[&'static Server], scenario: &Scenario) -> Result<Vec<Session>, String> {
    let mut doors = Vec::new();
    for server in servers {
        doors.push(named(server, Door::open(server))?);
    }
    for (window, joins) in scenario.windows {
        for _ in 0..scenario.turns {
            for door in &mut doors {
                named(door.server, door.turn(*window, joins / scenario.turns))?;
            }
        }
    }
    Ok(doors.into_iter().map(|door| door.figures(scenario)).collect())
}

/// A server, and what its joins took so far: by window, in the order of the scenario's.
struct Door {
    server: &'static Server,
    process: Process,
    used: Vec<(usize, Duration, usize)>,
}

impl Door {
    fn open(server: &'static Server) -> Result<Self, String> {
        let process = Process::start(server.command(), SERVER_CORES, PATIENCE)?;
        join(server, process.port, WARM_UP, 1)?;
        Ok(Self { server, process, used: Vec::new() })
    }

    fn turn(&mut self, window: usize, joins: usize) -> Result<(), String> {
        let before = self.process.at_rest()?;
        join(self.server, self.process.port, joins, window)?;
        let took = self.process.at_rest()?.saturating_sub(before);
        match self.used.iter_mut().find(|(of, ..)| *of == window) {
            Some((_, cpu, count)) => {
                *cpu += took;
                *count += joins;
            }
            None => self.used.push((window, took, joins)),
        }
        Ok(())
    }

    fn figures(self, scenario: &Scenario) -> Session {
        let each = |(window, cpu, joins): &(usize, Duration, usize)| {
            (format!("µs {window}"), cpu.as_secs_f64() * 1e6 / *joins as f64)
        };
        debug_assert_eq!(self.used.len(), scenario.windows.len());
        Session { figures: self.used.iter().map(each).collect(), ..Session::default() }
    }
}

/// So many clients come and leave, `window` of them together.
///
/// # Errors
/// When the server refuses one.
pub fn join(server: &Server, port: u16, clients: usize, window: usize) -> Result<(), String> {
    let address = SocketAddr::from(([127, 0, 0, 1], port));
    let request = server.request();
    let mut left = clients;
    while left > 0 {
        let together = window.min(left);
        let come = |_| Guest::come(server, address, &request);
        let mut guests = (0..together).map(come).collect::<Result<Vec<_>, String>>()?;
        guests.iter_mut().try_for_each(Guest::wait)?;
        left -= together;
    }
    Ok(())
}

/// A client that leaves when it is dropped, as one that is killed does.
struct Guest {
    socket: TcpStream,
    deliveries: Deliveries,
}

impl Guest {
    fn come(server: &Server, address: SocketAddr, request: &str) -> Result<Self, String> {
        let mut socket = TcpStream::connect(address).map_err(text)?;
        socket.write_all(request.as_bytes()).map_err(text)?;
        socket.set_nonblocking(true).map_err(text)?;
        Ok(Self { socket, deliveries: Deliveries::new(server.protocol) })
    }

    /// Reads until it is in. It asks again and again: to wake one that sleeps is no cost of the server's.
    fn wait(&mut self) -> Result<(), String> {
        let begin = Instant::now();
        let mut buffer = [0; 4096];
        while !self.deliveries.is_in() {
            match self.socket.read(&mut buffer) {
                Ok(0) => return Err("the server hung up".to_owned()),
                Ok(size) => self.deliveries.feed(&buffer[..size], &mut |_| {})?,
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    if begin.elapsed() > PATIENCE {
                        return Err(format!("no answer within {PATIENCE:?}"));
                    }
                }
                Err(error) => return Err(text(error)),
            }
        }
        Ok(())
    }
}

fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}
