//! A client that is let in and then never reads.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use crate::crowd::Crowd;

/// Open as long as this lives.
#[derive(Debug)]
pub struct Stalled(TcpStream);

impl Stalled {
    /// Joins the crowd's server, with buffers that hold little.
    ///
    /// # Errors
    /// When the server refuses it.
    pub fn open(crowd: &Crowd) -> Result<Self, String> {
        let open = || {
            let socket = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None)?;
            socket.set_recv_buffer_size(4096)?;
            // The server's side grows its buffer by segments.
            socket.set_tcp_mss(536)?;
            socket.connect(&crowd.address().into())?;
            let mut socket = TcpStream::from(socket);
            socket.write_all(crowd.protocol().request().as_bytes())?;
            // Its answer has begun: it is in.
            socket.read_exact(&mut [0])?;
            Ok(Self(socket))
        };
        open().map_err(|error: std::io::Error| format!("the stalled client: {error}"))
    }

    /// That the server has more for it than the kernel has taken.
    ///
    /// # Errors
    /// When the kernel holds as much as `sent` bytes: then nothing was stalled.
    pub fn check(&self, sent: usize) -> Result<(), String> {
        let port = |address: std::io::Result<std::net::SocketAddr>| address.map(|a| a.port());
        let ports = (port(self.0.local_addr()), port(self.0.peer_addr()));
        let (Ok(mine), Ok(servers)) = ports else {
            return Err("the stalled client was cut".to_owned());
        };
        let sockets = fs::read_to_string("/proc/net/tcp").map_err(|error| error.to_string())?;
        let held = queued(&sockets, servers, mine).0 + queued(&sockets, mine, servers).1;
        if held < sent {
            Ok(())
        } else {
            Err(format!("the kernel holds {held} bytes for the stalled client"))
        }
    }
}

/// Bytes to be sent and bytes received, of the socket between these ports, in `/proc/net/tcp`.
fn queued(sockets: &str, local: u16, remote: u16) -> (usize, usize) {
    let ends = |text: &str, port: u16| text.ends_with(&format!(":{port:04X}"));
    let find = |line: &str| {
        // Number, local address, remote address, state, queues as TX:RX.
        let fields: Vec<&str> = line.split_whitespace().take(5).collect();
        let [_, from, to, _, queues] = fields.as_slice() else { return None };
        let (out, back) =
            queues.split_once(':').filter(|_| ends(from, local) && ends(to, remote))?;
        let number = |text| usize::from_str_radix(text, 16).ok();
        Some((number(out)?, number(back)?))
    };
    sockets.lines().find_map(find).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::queued;

    #[test]
    fn queues_are_read_from_the_kernels_table() {
        let sockets = "  sl  local_address rem_address   st tx_queue rx_queue tr\n   0: 0100007F:1F90 0100007F:C350 01 0000ABCD:00000010 00:0\n";
        assert_eq!(queued(sockets, 8080, 50_000), (0xabcd, 0x10));
        assert_eq!(queued(sockets, 50_000, 8080), (0, 0));
    }
}
