//! Requests over plain TCP.

use std::net::{Ipv4Addr, SocketAddr};

use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};

use crate::Result;

/// A connection, and what of it was read too far.
pub struct Connection {
    pub stream: TcpStream,
    pub unread: Vec<u8>,
}

impl Connection {
    /// # Errors
    /// When nobody accepts.
    pub async fn to(address: SocketAddr) -> Result<Self> {
        Ok(Self::over(TcpStream::connect(address).await?))
    }

    /// As the client of this number, from an address of its own, by which a balancer sends it to a server.
    ///
    /// # Errors
    /// When nobody accepts.
    pub async fn of_client(number: usize, address: SocketAddr) -> Result<Self> {
        let socket = TcpSocket::new_v4()?;
        let [third, fourth] = [number / 200, number % 200 + 1].map(|part| part as u8);
        socket.bind(SocketAddr::from((Ipv4Addr::new(127, 0, third, fourth), 0)))?;
        Ok(Self::over(socket.connect(address).await?))
    }

    pub fn over(stream: TcpStream) -> Self {
        Self { stream, unread: Vec::new() }
    }

    /// Sends a request and reads the head of the answer: its status and its text.
    ///
    /// # Errors
    /// When the connection ends before.
    pub async fn request(&mut self, head: &str, body: &str) -> Result<(u16, String)> {
        let length = match body.len() {
            0 => String::new(),
            length => format!("content-length: {length}\r\n"),
        };
        let request = format!("{head} HTTP/1.1\r\nhost: test\r\n{length}\r\n{body}");
        self.send(request.as_bytes()).await
    }

    /// Sends a whole request, as it is.
    ///
    /// # Errors
    /// When the connection ends before the head of the answer is there.
    pub async fn send(&mut self, request: &[u8]) -> Result<(u16, String)> {
        self.stream.write_all(request).await?;
        let end = loop {
            if let Some(end) = self.unread.windows(4).position(|four| four == b"\r\n\r\n") {
                break end;
            }
            self.read().await?;
        };
        let head: Vec<_> = self.unread.drain(..end + 4).collect();
        let head = String::from_utf8(head)?.to_ascii_lowercase();
        let status = head.get(9..12).ok_or("no status")?.parse()?;
        Ok((status, head))
    }

    /// A request whose answer has a length: its status and body.
    ///
    /// # Errors
    /// When the connection ends before.
    pub async fn answer(&mut self, head: &str, body: &str) -> Result<(u16, String)> {
        let (status, head) = self.request(head, body).await?;
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
        let length = length.map_or(Ok(0), |length| length.trim().parse())?;
        while self.unread.len() < length {
            self.read().await?;
        }
        Ok((status, String::from_utf8(self.unread.drain(..length).collect())?))
    }

    /// Reads what comes next.
    ///
    /// # Errors
    /// When nothing comes any more.
    pub async fn read(&mut self) -> Result<()> {
        if self.stream.read_buf(&mut self.unread).await? == 0 {
            return Err("the connection has ended".into());
        }
        Ok(())
    }

    /// Ends with RST when it is dropped.
    pub fn reset(self) {
        // Where it cannot be set the end is a FIN, and as good.
        let _ = socket2::SockRef::from(&self.stream).set_linger(Some(std::time::Duration::ZERO));
    }
}

/// `GET path` as JSON.
///
/// # Errors
/// When there is no such answer.
pub async fn json(address: SocketAddr, path: &str) -> Result<Value> {
    let mut connection = Connection::to(address).await?;
    let (status, body) = connection.answer(&format!("GET {path}"), "").await?;
    if status != 200 {
        return Err(format!("{path} answered {status}").into());
    }
    Ok(serde_json::from_str(&body)?)
}
