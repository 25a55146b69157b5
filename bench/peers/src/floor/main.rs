//! The floor: what a fan-out costs when there is nothing but the system calls.
//!
//! One thread, epoll, a message encoded once, and all that was published in one turn in one write a
//! client. No routes, no replay, no heartbeat, no limits: nobody would run this.

mod connection;
mod request;

use std::io;
use std::net::TcpListener;
use std::os::fd::{AsFd as _, OwnedFd};

use connection::{Connection, Kind};
use rustix::buffer::spare_capacity;
use rustix::event::epoll;

const LISTENER: u64 = u64::MAX;

/// What one turn of the loop has to send to all clients, but for each to the one that said it.
#[derive(Default)]
struct Round {
    events: Vec<u8>,
    frames: Vec<u8>,
    /// Where in `frames` each message is, and who sent it.
    said: Vec<(std::ops::Range<usize>, usize)>,
}

fn main() -> io::Result<()> {
    let port = std::env::var("PORT").ok().and_then(|port| port.parse().ok()).unwrap_or(8080);
    let listener = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None)?;
    listener.set_reuse_address(true)?;
    listener.bind(&std::net::SocketAddr::from(([127, 0, 0, 1], port)).into())?;
    listener.listen(4096)?;
    let listener = TcpListener::from(listener);
    listener.set_nonblocking(true)?;
    let poll = epoll::create(epoll::CreateFlags::CLOEXEC)?;
    epoll::add(
        &poll,
        listener.as_fd(),
        epoll::EventData::new_u64(LISTENER),
        epoll::EventFlags::IN,
    )?;

    let mut clients: Vec<Option<Connection>> = Vec::new();
    let mut buffer = vec![0; 256 << 10];
    let mut events = Vec::with_capacity(1024);
    loop {
        events.clear();
        epoll::wait(&poll, spare_capacity(&mut events), None)?;
        let mut round = Round::default();
        for event in &events {
            let token = event.data.u64();
            if token == LISTENER {
                accept(&listener, &poll, &mut clients)?;
                continue;
            }
            let index = token as usize;
            let Some(client) = clients[index].as_mut() else { continue };
            let alive = client.flush(&poll, index)
                && client.receive(&mut buffer, |kind, message| round.add(kind, message, index));
            if !alive {
                clients[index] = None;
            }
        }
        round.send(&poll, &mut clients);
    }
}

fn accept(
    listener: &TcpListener,
    poll: &OwnedFd,
    clients: &mut Vec<Option<Connection>>,
) -> io::Result<()> {
    loop {
        match listener.accept() {
            Ok((stream, _)) => {
                stream.set_nonblocking(true)?;
                stream.set_nodelay(true)?;
                let token = epoll::EventData::new_u64(clients.len() as u64);
                epoll::add(poll, stream.as_fd(), token, epoll::EventFlags::IN)?;
                clients.push(Some(Connection::new(stream)));
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(()),
            Err(error) => return Err(error),
        }
    }
}

impl Round {
    /// Encodes a message, once, in the format of the clients that it is for.
    fn add(&mut self, kind: Kind, message: &[u8], sender: usize) {
        match kind {
            Kind::Events => {
                let event = [b"data: ", message, b"\n\n"].concat();
                ereo_bench::wire::chunk(&mut self.events, &event);
            }
            Kind::Echoes => {}
            Kind::Frames => {
                let start = self.frames.len();
                // The fields of the message, between the braces, after what the server adds.
                let fields = message.get(1..).unwrap_or_default();
                let message = [br#"{"type":"message","userId":"anonymous","#, fields].concat();
                ereo_bench::wire::frame(&mut self.frames, &message);
                self.said.push((start..self.frames.len(), sender));
            }
        }
    }

    fn send(&self, poll: &OwnedFd, clients: &mut [Option<Connection>]) {
        if self.events.is_empty() && self.frames.is_empty() {
            return;
        }
        for (index, slot) in clients.iter_mut().enumerate() {
            let Some(client) = slot else { continue };
            let alive = match client.kind() {
                Some(Kind::Events) => client.send(&self.events, poll, index),
                Some(Kind::Frames) if self.said.iter().all(|(_, sender)| *sender != index) => {
                    client.send(&self.frames, poll, index)
                }
                Some(Kind::Frames) => {
                    let others = self.said.iter().filter(|(_, sender)| *sender != index);
                    let frames: Vec<u8> = others
                        .flat_map(|(range, _)| &self.frames[range.clone()])
                        .copied()
                        .collect();
                    client.send(&frames, poll, index)
                }
                Some(Kind::Echoes) | None => true,
            };
            if !alive {
                *slot = None;
            }
        }
    }
}
