//! What an echo costs: connections that each say something, wait until they hear it, and say the next.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::TcpStream;
use std::os::fd::{AsFd as _, OwnedFd};
use std::time::{Duration, Instant};

use ereo_bench::wire;
use rustix::buffer::spare_capacity;
use rustix::event::Timespec;
use rustix::event::epoll;

use crate::process::{Process, SERVER_CORES};
use crate::scenarios::Scenario;
use crate::servers::Server;
use crate::session::{PATIENCE, Session, named};

/// Echoes of each connection before those that are measured.
const WARM_UP: usize = 2;

/// Each server echoes to all its connections, by turns.
///
/// # Errors
/// When an echo is lost or is another text.
pub fn measure(servers: &[&'static Server], scenario: &Scenario) -> Result<Vec<Session>, String> {
    let mut talks = Vec::new();
    for server in servers {
        talks.push(named(server, Talk::open(server, scenario.clients, scenario.size))?);
    }
    let echoes: usize = scenario.windows.iter().map(|(_, echoes)| echoes).sum();
    let each = (echoes / scenario.clients / scenario.turns).max(1);
    for _ in 0..scenario.turns {
        for talk in &mut talks {
            named(talk.server, talk.turn(each))?;
        }
    }
    Ok(talks.into_iter().map(Talk::figures).collect())
}

/// A server with those that talk to it.
struct Talk {
    server: &'static Server,
    process: Process,
    talkers: Talkers,
    cpu: Duration,
    took: Duration,
    echoes: usize,
}

impl Talk {
    fn open(server: &'static Server, connections: usize, size: usize) -> Result<Self, String> {
        let process = Process::start(server.command(), SERVER_CORES, PATIENCE)?;
        let mut talkers = Talkers::open(server, process.port, connections, size)?;
        talkers.say(WARM_UP)?;
        let none = Duration::ZERO;
        Ok(Self { server, process, talkers, cpu: none, took: none, echoes: 0 })
    }

    fn turn(&mut self, each: usize) -> Result<(), String> {
        let before = self.process.at_rest()?;
        let begin = Instant::now();
        self.talkers.say(each)?;
        self.took += begin.elapsed();
        self.cpu += self.process.at_rest()?.saturating_sub(before);
        self.echoes += each * self.talkers.all.len();
        Ok(())
    }

    fn figures(self) -> Session {
        let echoes = self.echoes as f64;
        let figures = vec![
            ("ns".to_owned(), self.cpu.as_nanos() as f64 / echoes),
            ("per second".to_owned(), echoes / self.took.as_secs_f64()),
        ];
        Session { figures, ..Session::default() }
    }
}

/// Connections that talk, all on this thread.
pub struct Talkers {
    poll: OwnedFd,
    all: Vec<Talker>,
    /// What each says, as a client's frame, and what it must hear.
    said: Vec<u8>,
    heard: Vec<u8>,
    buffer: Vec<u8>,
    events: Vec<epoll::Event>,
}

struct Talker {
    socket: TcpStream,
    received: Vec<u8>,
    /// Echoes that it has still to hear.
    left: usize,
}

impl Talkers {
    /// Connects, one after the other.
    ///
    /// # Errors
    /// When the server refuses one.
    pub fn open(
        server: &Server,
        port: u16,
        connections: usize,
        size: usize,
    ) -> Result<Self, String> {
        let text = vec![b'x'; size];
        let (mut said, mut heard) = (Vec::new(), Vec::new());
        wire::masked_frame(&mut said, &text);
        wire::frame(&mut heard, &text);
        let poll = epoll::create(epoll::CreateFlags::CLOEXEC).map_err(as_text)?;
        let all = Vec::with_capacity(connections);
        let (buffer, events) = (vec![0; 256 << 10], Vec::with_capacity(1024));
        let mut talkers = Self { poll, all, said, heard, buffer, events };
        let request = server.request();
        for index in 0..connections {
            let socket = talkers.connect(port, &request)?;
            let token = epoll::EventData::new_u64(index as u64);
            epoll::add(&talkers.poll, socket.as_fd(), token, epoll::EventFlags::IN)
                .map_err(as_text)?;
            talkers.all.push(Talker { socket, received: Vec::new(), left: 0 });
        }
        Ok(talkers)
    }

    fn connect(&mut self, port: u16, request: &str) -> Result<TcpStream, String> {
        let mut socket = TcpStream::connect(("127.0.0.1", port)).map_err(as_text)?;
        socket.set_nodelay(true).map_err(as_text)?;
        socket.set_read_timeout(Some(PATIENCE)).map_err(as_text)?;
        socket.write_all(request.as_bytes()).map_err(as_text)?;
        let mut received = 0;
        while wire::head(&self.buffer[..received]).is_none() {
            match socket.read(&mut self.buffer[received..]).map_err(as_text)? {
                0 => return Err("the server hung up".to_owned()),
                size => received += size,
            }
        }
        let head = String::from_utf8_lossy(&self.buffer[..received]);
        if wire::header(&head, "sec-websocket-accept") != Some(wire::ACCEPT) {
            return Err(format!("a wrong answer: {head}"));
        }
        socket.set_nonblocking(true).map_err(as_text)?;
        // Closed with a reset: thousands of ports must not wait for a minute.
        socket2::SockRef::from(&socket).set_linger(Some(Duration::ZERO)).map_err(as_text)?;
        Ok(socket)
    }

    /// Each says so much, one after the other.
    ///
    /// # Errors
    /// When an echo is lost or is another text.
    pub fn say(&mut self, each: usize) -> Result<(), String> {
        for talker in &mut self.all {
            talker.left = each;
            talker.socket.write_all(&self.said).map_err(as_text)?;
        }
        let mut busy = self.all.len();
        let mut heard_at = Instant::now();
        while busy > 0 {
            self.events.clear();
            // It asks again while nothing comes: what it costs to wake a client is no cost of the server's.
            let none = Timespec { tv_sec: 0, tv_nsec: 0 };
            epoll::wait(&self.poll, spare_capacity(&mut self.events), Some(&none))
                .map_err(as_text)?;
            if self.events.is_empty() {
                if heard_at.elapsed() > PATIENCE {
                    return Err(format!("{busy} connections hear nothing"));
                }
                continue;
            }
            heard_at = Instant::now();
            for event in &self.events {
                let talker = &mut self.all[event.data.u64() as usize];
                if talker.hear(&mut self.buffer, &self.said, &self.heard)? {
                    busy -= 1;
                }
            }
        }
        Ok(())
    }
}

impl Talker {
    /// Reads once, and says the next when the echo is whole. `true`: that was the last one.
    fn hear(&mut self, buffer: &mut [u8], said: &[u8], heard: &[u8]) -> Result<bool, String> {
        let size = match self.socket.read(buffer) {
            Ok(0) => return Err("the server hung up".to_owned()),
            Ok(size) => size,
            Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(false),
            Err(error) => return Err(as_text(error)),
        };
        self.received.extend_from_slice(&buffer[..size]);
        if self.received.len() < heard.len() {
            return Ok(false);
        }
        if self.received != heard || self.left == 0 {
            return Err("an echo is not what was said".to_owned());
        }
        self.received.clear();
        self.left -= 1;
        if self.left == 0 {
            return Ok(true);
        }
        // A frame of a few kilobytes, to one that has read all before: the socket has room.
        self.socket.write_all(said).map_err(as_text)?;
        Ok(false)
    }
}

fn as_text(error: impl std::fmt::Display) -> String {
    error.to_string()
}
