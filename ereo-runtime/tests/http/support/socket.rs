//! WebSocket clients of another's making.

use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use tungstenite::{Message, WebSocket};

/// A client of the route `path`, which says `joined` when it is in its set.
pub fn joined(address: SocketAddr, path: &str) -> WebSocket<TcpStream> {
    let mut socket = opened(address, path);
    assert_eq!(text(&mut socket), "joined");
    socket
}

/// A client of the route `path`, once it is open.
pub fn opened(address: SocketAddr, path: &str) -> WebSocket<TcpStream> {
    let stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    tungstenite::client(format!("ws://{address}{path}"), stream).unwrap().0
}

/// The next text.
pub fn text(socket: &mut WebSocket<TcpStream>) -> String {
    loop {
        match socket.read().unwrap() {
            Message::Text(text) => return text.to_string(),
            Message::Ping(_) => {}
            other => panic!("{other:?}"),
        }
    }
}
