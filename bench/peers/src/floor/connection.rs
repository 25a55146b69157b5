//! One socket of the floor.

use std::io::{self, Read as _, Write as _};
use std::net::TcpStream;
use std::os::fd::OwnedFd;

use ereo_bench::wire;
use rustix::event::epoll;

use crate::request::{Request, read_request};

/// What a client is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Server-sent events.
    Events,
    /// WebSocket frames.
    Frames,
    /// Its own WebSocket frames.
    Echoes,
}

/// A client, or a publisher that has only posted so far.
#[derive(Debug)]
pub struct Connection {
    stream: TcpStream,
    kind: Option<Kind>,
    /// Received, and not a whole request or frame yet.
    received: Vec<u8>,
    /// What the socket did not take.
    unsent: Vec<u8>,
}

impl Connection {
    /// Nothing is known of it yet.
    pub fn new(stream: TcpStream) -> Self {
        Self { stream, kind: None, received: Vec::new(), unsent: Vec::new() }
    }

    /// What it is sent; `None` before it has asked.
    pub fn kind(&self) -> Option<Kind> {
        self.kind
    }

    /// Reads once, answers requests, and calls `publish` with each message. `false`: it is gone.
    pub fn receive(&mut self, buffer: &mut [u8], mut publish: impl FnMut(Kind, &[u8])) -> bool {
        let size = match self.stream.read(buffer) {
            Ok(0) => return false,
            Ok(size) => size,
            Err(error) => return error.kind() == io::ErrorKind::WouldBlock,
        };
        self.received.extend_from_slice(&buffer[..size]);
        let mut answers = Vec::new();
        let mut taken = 0;
        loop {
            let rest = &self.received[taken..];
            if self.kind == Some(Kind::Frames) {
                let Some((frame, size)) = wire::read_frame(rest) else { break };
                if frame.opcode == wire::TEXT {
                    let message = frame.text();
                    let id = wire::id(&message).unwrap_or_default();
                    wire::frame(&mut answers, format!(r#"{{"type":"ack","id":{id}}}"#).as_bytes());
                    publish(Kind::Frames, &message);
                }
                taken += size;
                continue;
            }
            if self.kind == Some(Kind::Echoes) {
                let Some((frame, size)) = wire::read_frame(rest) else { break };
                if frame.opcode == wire::TEXT {
                    wire::frame(&mut answers, &frame.text());
                }
                taken += size;
                continue;
            }
            let Some((request, size)) = read_request(rest) else { break };
            answers.extend_from_slice(request.answer().as_bytes());
            match request {
                Request::Upgrade => self.kind = Some(Kind::Frames),
                Request::Echo => self.kind = Some(Kind::Echoes),
                Request::Events => {
                    wire::chunk(&mut answers, b"retry: 1000\n\n");
                    self.kind = Some(Kind::Events);
                }
                Request::Post(body) => publish(Kind::Events, body),
                Request::Unknown => {}
            }
            taken += size;
        }
        self.received.drain(..taken);
        answers.is_empty() || self.stream.write_all(&answers).is_ok()
    }

    /// Sends now what the socket takes, and the rest when it can. `false`: it is gone.
    pub fn send(&mut self, bytes: &[u8], poll: &OwnedFd, index: usize) -> bool {
        if !self.unsent.is_empty() {
            self.unsent.extend_from_slice(bytes);
            return true;
        }
        match self.stream.write(bytes) {
            Ok(written) if written == bytes.len() => return true,
            Ok(written) => self.unsent.extend_from_slice(&bytes[written..]),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                self.unsent.extend_from_slice(bytes)
            }
            Err(_) => return false,
        }
        self.wait_for(epoll::EventFlags::IN | epoll::EventFlags::OUT, poll, index)
    }

    /// Sends what was left. `false`: it is gone.
    pub fn flush(&mut self, poll: &OwnedFd, index: usize) -> bool {
        if self.unsent.is_empty() {
            return true;
        }
        match self.stream.write(&self.unsent) {
            Ok(written) => self.unsent.drain(..written),
            Err(error) => return error.kind() == io::ErrorKind::WouldBlock,
        };
        !self.unsent.is_empty() || self.wait_for(epoll::EventFlags::IN, poll, index)
    }

    fn wait_for(&self, flags: epoll::EventFlags, poll: &OwnedFd, index: usize) -> bool {
        epoll::modify(poll, &self.stream, epoll::EventData::new_u64(index as u64), flags).is_ok()
    }
}
