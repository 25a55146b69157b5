//! The load: many clients on one thread, a publisher, and a count of every delivery.

mod seldom;

use std::io::{self, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::os::fd::{AsFd as _, OwnedFd};
use std::time::{Duration, Instant};

use ereo_bench::wire;
use rustix::buffer::spare_capacity;
use rustix::event::Timespec;
use rustix::event::epoll;

use crate::board::Board;
use crate::deliveries::{Deliveries, Protocol};
use crate::publisher::{FIRST, Publisher};

/// How long nothing at all may come.
const PATIENCE: Duration = Duration::from_secs(15);
/// How long some clients may take to get in, or a message to reach all.
const STEP: Duration = Duration::from_secs(60);
/// After so long without anything, nothing more comes.
const SILENCE: Duration = Duration::from_millis(50);
/// Between some clients that join and the next.
const BREATH: Duration = Duration::from_millis(5);
/// And for so long more with each that is there: a server that lets new ones in is silent meanwhile.
const A_MEMBER: Duration = Duration::from_micros(1);
/// From this token on, a publisher's connections; below, the clients.
const PUBLISHER: u64 = 1 << 32;

/// What the load does while nothing comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Idle {
    /// It asks again. Clients are on other machines in life: what it costs to wake one, which is a matter
    /// of how often it sleeps, is no cost of the server's.
    Spins,
    /// It leaves its core to a worker of the server.
    Sleeps,
}

/// What one run of messages showed.
#[derive(Debug, Default)]
pub struct Run {
    /// Messages that arrived, each at each client that reads.
    pub deliveries: usize,
    /// From the first publish to the last delivery.
    pub took: Duration,
    /// Of each message: from the publish until the last client had it.
    pub fan_outs: Vec<Duration>,
}

/// Clients of one server.
pub struct Crowd {
    protocol: Protocol,
    address: SocketAddr,
    idle: Idle,
    poll: OwnedFd,
    events: Vec<epoll::Event>,
    buffer: Vec<u8>,
    members: Vec<Member>,
    publisher: Option<Publisher>,
    board: Board,
}

#[derive(Debug)]
struct Member {
    socket: TcpStream,
    deliveries: Deliveries,
    /// How many messages it has got.
    got: usize,
    /// When it was opened, and how long it waited for the answer.
    opened: Instant,
    waited: Option<Duration>,
}

impl Crowd {
    /// Opens so many clients, `joining` of them at a time, and a publisher, and returns when all are in
    /// and nothing more comes.
    ///
    /// # Errors
    /// When the server refuses one, or is silent for [`PATIENCE`].
    pub fn open(
        protocol: Protocol,
        port: u16,
        clients: usize,
        joining: usize,
        idle: Idle,
    ) -> Result<Self, String> {
        let mut crowd = Self::gather(protocol, &protocol.request(), port, clients, joining, idle)?;
        crowd.open_publisher(1)?;
        crowd.settle(SILENCE)?;
        crowd.rest();
        Ok(crowd)
    }

    /// The same with this request, and without a publisher.
    ///
    /// # Errors
    /// When the server refuses one, or is silent for [`PATIENCE`].
    pub fn gather(
        protocol: Protocol,
        request: &str,
        port: u16,
        clients: usize,
        joining: usize,
        idle: Idle,
    ) -> Result<Self, String> {
        let mut crowd = Self {
            protocol,
            address: SocketAddr::from(([127, 0, 0, 1], port)),
            idle,
            poll: epoll::create(epoll::CreateFlags::CLOEXEC).map_err(text)?,
            events: Vec::with_capacity(1024),
            buffer: vec![0; 256 << 10],
            members: Vec::with_capacity(clients),
            publisher: None,
            board: Board::new(clients),
        };
        while crowd.members.len() < clients {
            let count = joining.min(clients - crowd.members.len());
            for _ in 0..count {
                crowd.join(request)?;
            }
            let waiting = crowd.members.len() - count;
            crowd.pump_until(|crowd| {
                crowd.members[waiting..].iter().all(|m| m.deliveries.is_in())
            })?;
            // A chat tells all of each: ten thousand that come faster than they read that are lost.
            crowd.settle(BREATH + A_MEMBER * crowd.members.len() as u32)?;
        }
        Ok(crowd)
    }

    fn join(&mut self, request: &str) -> Result<(), String> {
        let opened = Instant::now();
        let mut socket = TcpStream::connect(self.address).map_err(text)?;
        // Closed with a reset: tens of thousands of ports must not wait for a minute.
        socket2::SockRef::from(&socket).set_linger(Some(Duration::ZERO)).map_err(text)?;
        socket.write_all(request.as_bytes()).map_err(text)?;
        socket.set_nonblocking(true).map_err(text)?;
        self.watch(&socket, self.members.len() as u64)?;
        let deliveries = Deliveries::new(self.protocol);
        self.members.push(Member { socket, deliveries, got: 0, opened, waited: None });
        Ok(())
    }

    /// How long each that is in waited for that, from before it connected.
    pub fn waits(&self) -> Vec<Duration> {
        self.members.iter().filter_map(|member| member.waited).collect()
    }

    /// How the server delivers.
    pub fn protocol(&self) -> Protocol {
        self.protocol
    }

    /// Where the server listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Opens connections to publish on, instead of those before.
    ///
    /// # Errors
    /// When the server refuses one.
    pub fn open_publisher(&mut self, connections: usize) -> Result<(), String> {
        let publisher = Publisher::open(self.protocol, self.address, connections)?;
        for (socket, token) in publisher.sockets().iter().zip(PUBLISHER..) {
            self.watch(socket, token)?;
        }
        self.publisher = Some(publisher);
        Ok(())
    }

    fn watch(&self, socket: &TcpStream, token: u64) -> Result<(), String> {
        let token = epoll::EventData::new_u64(token);
        epoll::add(&self.poll, socket.as_fd(), token, epoll::EventFlags::IN).map_err(text)
    }

    /// Publishes so many messages, at most `window` of them on their way at a time.
    ///
    /// # Errors
    /// When one is lost, comes twice or out of order, or a connection ends: the run is void.
    pub fn run(&mut self, messages: usize, window: usize, size: usize) -> Result<Run, String> {
        let begin = self.board.published();
        self.prepare(window, size)?;
        let started = Instant::now();
        while self.board.complete() < begin + messages {
            let complete = self.board.complete();
            self.publish(begin + messages, complete + window, size)?;
            self.pump_until(|crowd| crowd.board.complete() > complete)?;
        }
        let took = started.elapsed();
        let deliveries = messages * self.board.readers();
        Ok(Run { deliveries, took, fan_outs: self.board.fan_outs(begin) })
    }

    /// Opens as many connections to publish on as that takes.
    fn prepare(&mut self, window: usize, size: usize) -> Result<(), String> {
        let needed = Publisher::needs(self.protocol, window, size);
        if self.publisher.as_ref().is_some_and(|publisher| publisher.sockets().len() == needed) {
            return Ok(());
        }
        self.open_publisher(needed)
    }

    /// Publishes messages up to the number `end`, as far as `window` allows.
    fn publish(&mut self, end: usize, window: usize, size: usize) -> Result<(), String> {
        let published = self.board.published();
        let numbers = published..end.min(window).max(published);
        if numbers.is_empty() {
            return Ok(());
        }
        self.board.publish(numbers.len());
        let publisher = self.publisher.as_mut().ok_or("there is no publisher")?;
        publisher.publish(numbers, size)
    }

    /// Reads what comes until nothing has for a while: what comes twice, or the publisher's answers.
    ///
    /// # Errors
    /// As [`run`](Crowd::run).
    pub fn finish(&mut self) -> Result<(), String> {
        self.settle(SILENCE)
    }

    /// Lets others have their turn: a connection on which nothing is posted for seconds would be closed.
    pub fn rest(&mut self) {
        if self.protocol == Protocol::Sse {
            self.publisher = None;
        }
    }

    /// Reads what is there, for one whose turn it is not.
    ///
    /// # Errors
    /// As [`run`](Crowd::run).
    pub fn glance(&mut self) -> Result<(), String> {
        self.settle(Duration::ZERO)
    }

    /// Reads until nothing has come for so long.
    fn settle(&mut self, silence: Duration) -> Result<(), String> {
        while self.pump(silence)? > 0 {}
        Ok(())
    }

    fn pump_until(&mut self, done: impl Fn(&Self) -> bool) -> Result<(), String> {
        let begin = Instant::now();
        while !done(self) {
            // Pings, or what others are told, may come for ever.
            if self.pump(PATIENCE)? == 0 || begin.elapsed() > STEP {
                return Err(format!(
                    "a step takes {:?}: {}",
                    begin.elapsed(),
                    self.board.missing()
                ));
            }
        }
        Ok(())
    }

    /// Waits until something comes, and reads it. The number of sockets that had something.
    fn pump(&mut self, patience: Duration) -> Result<usize, String> {
        wait(&self.poll, &mut self.events, self.idle, patience)?;
        self.read_events()
    }

    fn read_events(&mut self) -> Result<usize, String> {
        for at in 0..self.events.len() {
            let token = self.events[at].data.u64();
            if token >= PUBLISHER {
                let publisher = self.publisher.as_mut().ok_or("there is no publisher")?;
                publisher.read((token - PUBLISHER) as usize, &mut self.buffer)?;
            } else {
                self.read(token as usize)?;
            }
        }
        Ok(self.events.len())
    }

    /// Reads once what one client has got.
    fn read(&mut self, client: usize) -> Result<(), String> {
        let member = &mut self.members[client];
        let size = match member.socket.read(&mut self.buffer) {
            Ok(0) => return Err(format!("client {client} was disconnected")),
            Ok(size) => size,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(()),
            Err(error) => return Err(format!("client {client}: {error}")),
        };
        let now = Instant::now();
        let mut wrong = Ok(());
        member.deliveries.feed(&self.buffer[..size], &mut |message| {
            let Some(number) = wire::id(message).map(|id| (id as usize).wrapping_sub(FIRST)) else {
                return;
            };
            if wrong.is_ok() {
                wrong = self.board.deliver(member.got, number, now);
                member.got += 1;
            }
        })?;
        wrong.map_err(|error| format!("client {client}: {error}"))?;
        if member.waited.is_none() && member.deliveries.is_in() {
            member.waited = Some(member.opened.elapsed());
        }
        for _ in 0..member.deliveries.take_pings() {
            member.socket.write_all(wire::PONG).map_err(text)?;
        }
        Ok(())
    }
}

/// Waits until something comes, as `idle` says.
fn wait(
    poll: &OwnedFd,
    events: &mut Vec<epoll::Event>,
    idle: Idle,
    patience: Duration,
) -> Result<(), String> {
    events.clear();
    let begin = Instant::now();
    loop {
        let sleep = if idle == Idle::Sleeps { patience } else { Duration::ZERO };
        let sleep =
            Timespec { tv_sec: sleep.as_secs() as i64, tv_nsec: sleep.subsec_nanos().into() };
        epoll::wait(poll, spare_capacity(events), Some(&sleep)).map_err(text)?;
        if !events.is_empty() || begin.elapsed() >= patience {
            return Ok(());
        }
    }
}

fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}
