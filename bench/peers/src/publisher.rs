//! The connection, or the connections, on which messages are published.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use ereo_bench::wire;

use crate::deliveries::{Deliveries, Protocol};

/// The first id: all have the same number of digits.
pub const FIRST: usize = 1_000_000;
const PATIENCE: Duration = Duration::from_secs(15);
/// actix closes a connection that is pipelined, once it answers while a later request's body has come
/// in part (seen with actix-http 3.20). A body of this size may, so each gets a connection.
const LARGE: usize = 4096;

/// Publishes over one connection; large events over one each.
#[derive(Debug)]
pub struct Publisher {
    protocol: Protocol,
    sockets: Vec<TcpStream>,
}

impl Publisher {
    /// How many connections are needed for this.
    pub fn needs(protocol: Protocol, window: usize, size: usize) -> usize {
        if protocol == Protocol::Sse && size > LARGE { window } else { 1 }
    }

    /// Connects.
    ///
    /// # Errors
    /// When the server refuses one.
    pub fn open(
        protocol: Protocol,
        address: SocketAddr,
        connections: usize,
    ) -> Result<Self, String> {
        let open = |_| {
            let mut socket = TcpStream::connect(address).map_err(text)?;
            socket.set_nodelay(true).map_err(text)?;
            socket.set_write_timeout(Some(PATIENCE)).map_err(text)?;
            socket.set_read_timeout(Some(PATIENCE)).map_err(text)?;
            if protocol == Protocol::Ws {
                socket.write_all(protocol.request().as_bytes()).map_err(text)?;
                let mut answer = [0; 4096];
                let size = socket.read(&mut answer).map_err(text)?;
                Deliveries::new(Protocol::Ws).feed(&answer[..size], &mut |_| {})?;
            }
            Ok(socket)
        };
        let sockets = (0..connections).map(open).collect::<Result<_, String>>()?;
        Ok(Self { protocol, sockets })
    }

    /// Its connections, to be watched.
    pub fn sockets(&self) -> &[TcpStream] {
        &self.sockets
    }

    /// Publishes the messages with these numbers, of `size` bytes each once it is delivered.
    ///
    /// # Errors
    /// When the server does not take them.
    pub fn publish(&mut self, numbers: std::ops::Range<usize>, size: usize) -> Result<(), String> {
        let connections = self.sockets.len();
        let mut batches = vec![Vec::new(); connections];
        for number in numbers {
            write_message(&mut batches[number % connections], self.protocol, number, size);
        }
        for (socket, batch) in self.sockets.iter_mut().zip(batches) {
            socket.write_all(&batch).map_err(text)?;
        }
        Ok(())
    }

    /// Reads what the server answers on a connection that has something: nobody looks at it, since
    /// what it did not take will be missing.
    ///
    /// # Errors
    /// When the connection has ended.
    pub fn read(&mut self, connection: usize, buffer: &mut [u8]) -> Result<(), String> {
        match self.sockets[connection].read(buffer) {
            Ok(0) => Err("the publisher was disconnected".to_owned()),
            Ok(_) => Ok(()),
            Err(error) => Err(format!("the publisher: {error}")),
        }
    }
}

fn write_message(batch: &mut Vec<u8>, protocol: Protocol, number: usize, size: usize) {
    let id = FIRST + number;
    let envelope = match protocol {
        // The server adds who says it.
        Protocol::Ws => format!(r#"{{"type":"message","userId":"anonymous","id":{id},"text":""}}"#),
        Protocol::Sse => format!(r#"{{"id":{id},"text":""}}"#),
    };
    let message = format!(r#"{{"id":{id},"text":"{}"}}"#, "x".repeat(size - envelope.len()));
    match protocol {
        Protocol::Ws => wire::masked_frame(batch, message.as_bytes()),
        Protocol::Sse => {
            let length = message.len();
            let post = format!(
                "POST /api/feed HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n{message}"
            );
            batch.extend_from_slice(post.as_bytes());
        }
    }
}

fn text(error: std::io::Error) -> String {
    format!("the publisher: {error}")
}
