//! An HTTP/1.1 client over a plain socket: it shows what was on the wire.

use std::collections::VecDeque;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use super::event_stream::{Dispatched, EventStream};

/// Longer than anything here takes; a test that waits for it fails.
const PATIENCE: Duration = Duration::from_secs(20);

/// A response whose head was read.
pub struct Client {
    socket: TcpStream,
    pub status: u16,
    pub head: String,
    unread: Vec<u8>,
    chunked: bool,
    /// The body as far as it was read, without the chunks' frames.
    pub body: Vec<u8>,
    pub events: EventStream,
    dispatched: VecDeque<Dispatched>,
    pub ended: bool,
}

/// A response that was read to its end.
#[derive(Debug)]
pub struct Response {
    pub status: u16,
    pub head: String,
    pub body: String,
}

/// `GET path`, read to the end.
pub fn get(address: SocketAddr, path: &str) -> Response {
    Client::get(address, path).finish()
}

impl Client {
    /// Sends `GET path` and reads the head of the answer.
    pub fn get(address: SocketAddr, path: &str) -> Self {
        Self::get_with(address, path, "")
    }

    /// With header lines of one's own, each with its CRLF.
    pub fn get_with(address: SocketAddr, path: &str, headers: &str) -> Self {
        Self::request(address, "GET", path, headers)
    }

    pub fn request(address: SocketAddr, method: &str, path: &str, headers: &str) -> Self {
        let request = format!("{method} {path} HTTP/1.1\r\nhost: test\r\n{headers}\r\n");
        Self::send(address, request.as_bytes())
    }

    /// Sends a request as it stands.
    pub fn send(address: SocketAddr, request: &[u8]) -> Self {
        let mut socket = TcpStream::connect(address).expect("the server accepts");
        socket.set_read_timeout(Some(PATIENCE)).expect("a timeout can be set");
        socket.write_all(request).expect("the request is sent");
        let mut unread = Vec::new();
        let end = loop {
            if let Some(end) = unread.windows(4).position(|four| four == b"\r\n\r\n") {
                break end;
            }
            read_some(&mut socket, &mut unread).expect("a head comes");
        };
        let head = String::from_utf8(unread[..end].to_vec()).expect("a head is text");
        unread.drain(..end + 4);
        let status = head[9..12].parse().expect("a status is a number");
        let chunked = head.to_ascii_lowercase().contains("transfer-encoding: chunked");
        Self {
            socket,
            status,
            head: head.to_ascii_lowercase(),
            unread,
            chunked,
            body: Vec::new(),
            events: EventStream::default(),
            dispatched: VecDeque::new(),
            ended: false,
        }
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        header(&self.head, name)
    }

    /// The next event; none when the stream has ended.
    pub fn event(&mut self) -> Option<Dispatched> {
        loop {
            if let Some(event) = self.dispatched.pop_front() {
                return Some(event);
            }
            if self.ended {
                return None;
            }
            self.chunk();
        }
    }

    /// The data of the next event.
    pub fn data(&mut self) -> String {
        self.event().expect("an event comes").data
    }

    /// Reads until the body satisfies `done`.
    pub fn read_until(&mut self, done: impl Fn(&Self) -> bool) {
        while !done(self) {
            assert!(!self.ended, "the stream ended with {:?}", String::from_utf8_lossy(&self.body));
            self.chunk();
        }
    }

    /// Reads to the end of the body.
    pub fn finish(mut self) -> Response {
        if self.chunked {
            while !self.ended {
                self.chunk();
            }
        } else {
            let length = self.header("content-length").map_or(0, |text| text.parse().unwrap());
            while self.unread.len() < length {
                read_some(&mut self.socket, &mut self.unread).expect("the body comes");
            }
            self.body = self.unread.drain(..length).collect();
        }
        let body = String::from_utf8(self.body).expect("the body is text");
        Response { status: self.status, head: self.head, body }
    }

    /// The connection of an answer of 101, and what was read behind it.
    pub fn upgraded(self) -> (TcpStream, Vec<u8>) {
        (self.socket, self.unread)
    }

    /// Shuts the connection down so that the server sees a FIN.
    pub fn leave(self) {
        drop(self);
    }

    /// Shuts down the writing side only; the connection stays as long as the socket is held.
    pub fn half_close(self) -> TcpStream {
        self.socket.shutdown(std::net::Shutdown::Write).expect("the socket is open");
        self.socket
    }

    /// Makes the connection end with a RST.
    pub fn reset(self) {
        socket2::SockRef::from(&self.socket)
            .set_linger(Some(Duration::ZERO))
            .expect("the linger can be set");
    }

    /// Reads one chunk (RFC 9112 section 7.1).
    fn chunk(&mut self) {
        assert!(self.chunked, "an event stream is chunked: {}", self.head);
        let line = loop {
            if let Some(end) = self.unread.windows(2).position(|two| two == b"\r\n") {
                break end;
            }
            if read_some(&mut self.socket, &mut self.unread).is_none() {
                self.ended = true;
                return;
            }
        };
        let size = std::str::from_utf8(&self.unread[..line]).expect("a size is text");
        let size = usize::from_str_radix(size, 16).expect("a size is hexadecimal");
        while self.unread.len() < line + 2 + size + 2 {
            read_some(&mut self.socket, &mut self.unread).expect("the whole chunk comes");
        }
        let chunk = self.unread[line + 2..line + 2 + size].to_vec();
        self.unread.drain(..line + 2 + size + 2);
        self.ended = size == 0;
        self.dispatched.extend(self.events.feed(&chunk));
        self.body.extend(chunk);
    }
}

impl Response {
    pub fn header(&self, name: &str) -> Option<&str> {
        header(&self.head, name)
    }
}

fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
}

/// None when the server has closed the connection.
fn read_some(socket: &mut TcpStream, into: &mut Vec<u8>) -> Option<()> {
    let mut buffer = [0; 16 * 1024];
    match socket.read(&mut buffer).expect("the server answers in time") {
        0 => None,
        read => {
            into.extend_from_slice(&buffer[..read]);
            Some(())
        }
    }
}
