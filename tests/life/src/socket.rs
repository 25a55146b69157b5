//! The least of a WebSocket client (RFC 6455): texts out, frames counted in.

use tokio::io::AsyncWriteExt as _;

use crate::Result;
use crate::http::Connection;

pub struct Socket {
    pub connection: Connection,
}

const HANDSHAKE: &str = "upgrade: websocket\r\nconnection: upgrade\r\nsec-websocket-version: 13\r\n\
    sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

impl Socket {
    /// # Errors
    /// When it is no upgrade.
    pub async fn open(mut connection: Connection, path: &str) -> Result<Self> {
        let request = format!("GET {path} HTTP/1.1\r\nhost: test\r\n{HANDSHAKE}\r\n");
        match connection.send(request.as_bytes()).await? {
            (101, _) => Ok(Self { connection }),
            (status, _) => Err(format!("no upgrade, but {status}").into()),
        }
    }

    /// Sends a text as JSON.
    ///
    /// # Errors
    /// When the connection is gone.
    pub async fn send(&mut self, text: &str) -> Result<()> {
        let payload = serde_json::to_vec(text)?;
        self.frame(0x81, &payload).await
    }

    /// Sends a close frame with 1000.
    ///
    /// # Errors
    /// When the connection is gone.
    pub async fn close(&mut self) -> Result<()> {
        self.frame(0x88, &1000_u16.to_be_bytes()).await
    }

    async fn frame(&mut self, first: u8, payload: &[u8]) -> Result<()> {
        let mut frame = vec![first];
        match payload.len() {
            length @ ..126 => frame.push(0x80 | length as u8),
            length @ 126..0x1_0000 => {
                frame.push(0x80 | 126);
                frame.extend_from_slice(&(length as u16).to_be_bytes());
            }
            length => {
                frame.push(0x80 | 127);
                frame.extend_from_slice(&(length as u64).to_be_bytes());
            }
        }
        // A key of zeros masks nothing, and is a key nevertheless.
        frame.extend_from_slice(&[0; 4]);
        frame.extend_from_slice(payload);
        Ok(self.connection.stream.write_all(&frame).await?)
    }

    /// Reads the next frame: its opcode. Pings are answered.
    ///
    /// # Errors
    /// When the connection is gone.
    pub async fn next(&mut self) -> Result<u8> {
        loop {
            if let Some((opcode, end)) = whole(&self.connection.unread) {
                self.connection.unread.drain(..end);
                if opcode == 9 {
                    self.frame(0x8a, b"").await?;
                    continue;
                }
                return Ok(opcode);
            }
            self.connection.read().await?;
        }
    }
}

/// The opcode of the first frame, and where it ends, once it is there.
fn whole(bytes: &[u8]) -> Option<(u8, usize)> {
    let (start, length) = match bytes.get(1)? & 0x7f {
        126 => (4, u64::from(u16::from_be_bytes(bytes.get(2..4)?.try_into().ok()?))),
        127 => (10, u64::from_be_bytes(bytes.get(2..10)?.try_into().ok()?)),
        length => (2, u64::from(length)),
    };
    let end = start + usize::try_from(length).ok()?;
    (bytes.len() >= end).then_some((bytes[0] & 0xf, end))
}
