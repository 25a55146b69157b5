//! The load: many clients on one thread, a publisher, and a count of every delivery.

use std::io::{self, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::os::fd::{AsFd as _, OwnedFd};
use std::time::{Duration, Instant};

use ereo_bench::wire;
use rustix::buffer::spare_capacity;
use rustix::event::Timespec;
use rustix::event::epoll;

use crate::deliveries::{Deliveries, Protocol};

/// The first id: all have the same number of digits.
const FIRST: u32 = 1_000_000;
const PATIENCE: Duration = Duration::from_secs(15);
const PUBLISHER: u64 = u64::MAX;

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
    poll: OwnedFd,
    events: Vec<epoll::Event>,
    buffer: Vec<u8>,
    members: Vec<Member>,
    publisher: Option<TcpStream>,
    board: Board,
}

#[derive(Debug)]
struct Member {
    socket: TcpStream,
    deliveries: Deliveries,
    /// How many messages it has got.
    got: usize,
}

/// Which messages are on their way.
#[derive(Debug, Default)]
struct Board {
    /// Clients that read.
    readers: usize,
    messages: Vec<Message>,
    /// Messages that all have got.
    complete: usize,
}

#[derive(Debug)]
struct Message {
    published: Instant,
    got_by: usize,
    took: Duration,
}

impl Crowd {
    /// Opens so many clients, `joining` of them at a time (less than any server's backlog), and
    /// returns when all are in and nothing more comes.
    ///
    /// # Errors
    /// When the server refuses one, or is silent for [`PATIENCE`].
    pub fn open(
        protocol: Protocol,
        port: u16,
        clients: usize,
        joining: usize,
    ) -> Result<Self, String> {
        let mut crowd = Self {
            protocol,
            address: SocketAddr::from(([127, 0, 0, 1], port)),
            poll: epoll::create(epoll::CreateFlags::CLOEXEC).map_err(text)?,
            events: Vec::with_capacity(1024),
            buffer: vec![0; 256 << 10],
            members: Vec::with_capacity(clients),
            publisher: None,
            board: Board { readers: clients, ..Board::default() },
        };
        while crowd.members.len() < clients {
            let count = joining.min(clients - crowd.members.len());
            for _ in 0..count {
                crowd.join()?;
            }
            let waiting = crowd.members.len() - count;
            crowd.pump_until(|crowd| {
                crowd.members[waiting..].iter().all(|m| m.deliveries.is_in())
            })?;
        }
        crowd.open_publisher()?;
        crowd.settle()?;
        Ok(crowd)
    }

    fn join(&mut self) -> Result<(), String> {
        let mut socket = TcpStream::connect(self.address).map_err(text)?;
        // Closed with a reset: tens of thousands of ports must not wait for a minute.
        socket2::SockRef::from(&socket).set_linger(Some(Duration::ZERO)).map_err(text)?;
        socket.write_all(self.request().as_bytes()).map_err(text)?;
        socket.set_nonblocking(true).map_err(text)?;
        self.watch(&socket, self.members.len() as u64)?;
        self.members.push(Member { socket, deliveries: Deliveries::new(self.protocol), got: 0 });
        Ok(())
    }

    /// Where the server listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What a client sends first.
    pub fn request(&self) -> String {
        match self.protocol {
            Protocol::Sse => {
                "GET /api/feed HTTP/1.1\r\nhost: 127.0.0.1\r\naccept: text/event-stream\r\n\r\n"
                    .to_owned()
            }
            Protocol::Ws => format!(
                "GET /api/ws HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: Upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: {}\r\n\r\n",
                wire::KEY
            ),
        }
    }

    /// Opens a connection to publish on, instead of the one before.
    ///
    /// # Errors
    /// When the server refuses it.
    pub fn open_publisher(&mut self) -> Result<(), String> {
        let mut socket = TcpStream::connect(self.address).map_err(text)?;
        socket.set_nodelay(true).map_err(text)?;
        socket.set_write_timeout(Some(PATIENCE)).map_err(text)?;
        socket.set_read_timeout(Some(PATIENCE)).map_err(text)?;
        if self.protocol == Protocol::Ws {
            socket.write_all(self.request().as_bytes()).map_err(text)?;
            let size = socket.read(&mut self.buffer).map_err(text)?;
            Deliveries::new(Protocol::Ws).feed(&self.buffer[..size], &mut |_| {})?;
        }
        self.watch(&socket, PUBLISHER)?;
        self.publisher = Some(socket);
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
        let begin = self.board.messages.len();
        debug_assert_eq!(begin, self.board.complete);
        let started = Instant::now();
        let mut batch = Vec::new();
        while self.board.complete < begin + messages {
            let on_their_way = self.board.messages.len() - self.board.complete;
            let left = begin + messages - self.board.messages.len();
            let count = left.min(window - on_their_way);
            if count > 0 {
                batch.clear();
                let next = self.board.messages.len();
                for number in next..next + count {
                    self.write_message(&mut batch, number, size);
                }
                self.board.publish(count);
                let publisher = self.publisher.as_mut().ok_or("there is no publisher")?;
                publisher.write_all(&batch).map_err(text)?;
            }
            let complete = self.board.complete;
            self.pump_until(|crowd| crowd.board.complete > complete)?;
        }
        let took = started.elapsed();
        // Something that comes twice, or the publisher's answers.
        self.settle()?;
        let fan_outs = self.board.messages[begin..].iter().map(|message| message.took).collect();
        Ok(Run { deliveries: messages * self.board.readers, took, fan_outs })
    }

    /// The message with this number, of `size` bytes once it is delivered, with an id to know it by.
    fn write_message(&self, batch: &mut Vec<u8>, number: usize, size: usize) {
        let id = FIRST as usize + number;
        let envelope = match self.protocol {
            // The server adds who says it.
            Protocol::Ws => {
                format!(r#"{{"type":"message","userId":"anonymous","id":{id},"text":""}}"#).len()
            }
            Protocol::Sse => format!(r#"{{"id":{id},"text":""}}"#).len(),
        };
        let message = format!(r#"{{"id":{id},"text":"{}"}}"#, "x".repeat(size - envelope));
        match self.protocol {
            Protocol::Ws => wire::masked_frame(batch, message.as_bytes()),
            Protocol::Sse => {
                let length = message.len();
                batch.extend_from_slice(
                    format!("POST /api/feed HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n{message}").as_bytes(),
                );
            }
        }
    }

    /// Reads until nothing has come for a while.
    fn settle(&mut self) -> Result<(), String> {
        while self.pump(Duration::from_millis(50))? > 0 {}
        Ok(())
    }

    fn pump_until(&mut self, done: impl Fn(&Self) -> bool) -> Result<(), String> {
        while !done(self) {
            if self.pump(PATIENCE)? == 0 {
                return Err(self.board.missing());
            }
        }
        Ok(())
    }

    /// Waits until something comes, and reads it. The number of sockets that had something.
    fn pump(&mut self, patience: Duration) -> Result<usize, String> {
        self.events.clear();
        let patience =
            Timespec { tv_sec: patience.as_secs() as i64, tv_nsec: patience.subsec_nanos().into() };
        epoll::wait(&self.poll, spare_capacity(&mut self.events), Some(&patience)).map_err(text)?;
        for event in &self.events {
            let token = event.data.u64();
            if token == PUBLISHER {
                let publisher = self.publisher.as_mut().ok_or("there is no publisher")?;
                if publisher.read(&mut self.buffer).map_err(text)? == 0 {
                    return Err("the publisher was disconnected".into());
                }
                continue;
            }
            let member = &mut self.members[token as usize];
            let size = match member.socket.read(&mut self.buffer) {
                Ok(0) => return Err(format!("client {token} was disconnected")),
                Ok(size) => size,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => continue,
                Err(error) => return Err(format!("client {token}: {error}")),
            };
            let now = Instant::now();
            let mut wrong = None;
            member.deliveries.feed(&self.buffer[..size], &mut |message| {
                if let Some(id) = wire::id(message) {
                    if id == FIRST + member.got as u32 {
                        self.board.deliver(member.got, now);
                        member.got += 1;
                    } else {
                        wrong = Some(format!(
                            "client {token} got message {id} after {} others",
                            member.got
                        ));
                    }
                }
            })?;
            if let Some(wrong) = wrong {
                return Err(wrong);
            }
            for _ in 0..member.deliveries.take_pings() {
                member.socket.write_all(wire::PONG).map_err(text)?;
            }
        }
        Ok(self.events.len())
    }
}

impl Board {
    fn publish(&mut self, count: usize) {
        let published = Instant::now();
        let message = || Message { published, got_by: 0, took: Duration::ZERO };
        self.messages.extend(std::iter::repeat_with(message).take(count));
    }

    fn deliver(&mut self, index: usize, now: Instant) {
        let Some(message) = self.messages.get_mut(index) else { return };
        message.got_by += 1;
        if message.got_by == self.readers {
            message.took = now - message.published;
            self.complete += 1;
        }
    }

    fn missing(&self) -> String {
        match self.messages.get(self.complete) {
            Some(message) => format!(
                "message {} of {} came to {} of {} clients, and then nothing for {PATIENCE:?}",
                self.complete,
                self.messages.len(),
                message.got_by,
                self.readers
            ),
            None => format!("nothing for {PATIENCE:?}"),
        }
    }
}

fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}
