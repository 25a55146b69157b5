//! What an attacker can do: each is bounded by something else.

use std::future::Future;
use std::net::SocketAddr;
use std::pin::Pin;

use tokio::io::AsyncWriteExt as _;

use crate::Result;
use crate::events::Events;
use crate::http::Connection;
use crate::socket::Socket;

/// Connections that stay open until the round is over.
pub(super) type Held = Vec<Connection>;

type Attack = Pin<Box<dyn Future<Output = Result<Held>> + Send>>;

/// One attack of a round.
pub(super) type Means = fn(SocketAddr, usize) -> Attack;

/// By their names, each with what it is to reach.
pub(super) const MEANS: &[(&str, Means)] = &[
    ("rooms of chosen names", |server, round| Box::pin(rooms(server, round))),
    ("infos of members", |server, round| Box::pin(infos(server, round))),
    ("unfinished messages", |server, _| Box::pin(unfinished(server))),
    ("replays that are not read", |server, _| Box::pin(replays(server))),
    ("floods in one turn", |server, _| Box::pin(floods(server))),
    ("connections come and go", |server, _| Box::pin(come_and_go(server))),
];

/// Names that nobody asks for again, each with a large message.
async fn rooms(server: SocketAddr, round: usize) -> Result<Held> {
    let text = "r".repeat(60_000);
    let mut publisher = Connection::to(server).await?;
    for room in 0..600 {
        // More than there may be is refused, and is not served as anything else.
        publisher.answer(&format!("POST /publish/r{round}-{room}"), &text).await?;
    }
    let mut held = Vec::new();
    for room in 0..60 {
        let mut socket = socket(server, &format!("/ws/s{round}-{room}")).await?;
        socket.send(&text).await?;
        held.push(socket.connection);
    }
    Ok(held)
}

/// Members with large infos, each of which they change, while somebody does not read the news.
async fn infos(server: SocketAddr, round: usize) -> Result<Held> {
    let mut held = Vec::new();
    for _ in 0..10 {
        let opened = Events::open(Connection::to(server).await?, "/news/attack", "").await?;
        held.push(opened.map_err(|status| format!("news were answered {status}"))?.connection);
    }
    for member in 0..20 {
        let mut socket = socket(server, &format!("/present/attack/{round}-{member}")).await?;
        for info in 0..100 {
            // One that is refused closes it.
            let info = format!("{info} {}", "i".repeat(10_000));
            if socket.send(&info).await.is_err() {
                break;
            }
        }
        held.push(socket.connection);
    }
    Ok(held)
}

/// 60,000 times `x`, compressed (RFC 7692), in a message whose end does not come.
const UNFINISHED: &[u8] = b"\x41\xcb\0\0\0\0\xec\xc1\x31\x01\0\0\0\xc2\xa0\xda\x8b\x6f\x0d\x0f\xa0\0\0\0\0\
    \0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\
    \0\0\0\0\0\xbe\x0c";

async fn unfinished(server: SocketAddr) -> Result<Held> {
    let mut held = Vec::new();
    for _ in 0..300 {
        let mut connection = Connection::to(server).await?;
        let (status, head) = connection.send(COMPRESSED.as_bytes()).await?;
        if status != 101 || !head.contains("permessage-deflate") {
            return Err(format!("{status} and not a compressed socket").into());
        }
        connection.stream.write_all(UNFINISHED).await?;
        held.push(connection);
    }
    Ok(held)
}

const COMPRESSED: &str = "GET /ws/unfinished HTTP/1.1\r\nhost: test\r\nupgrade: websocket\r\nconnection: upgrade\r\n\
    sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
    sec-websocket-extensions: permessage-deflate\r\n\r\n";

/// All that a room keeps, for clients that do not read it.
async fn replays(server: SocketAddr) -> Result<Held> {
    let mut publisher = Connection::to(server).await?;
    let (_, begin) = publisher.answer("POST /publish/replayed", "first").await?;
    let text = "p".repeat(30_000);
    for _ in 0..40 {
        publisher.answer("POST /publish/replayed", &text).await?;
    }
    let mut held = Vec::new();
    for _ in 0..150 {
        let opened = Events::open(Connection::to(server).await?, "/feed/replayed", &begin).await?;
        held.push(opened.map_err(|status| format!("a replay was answered {status}"))?.connection);
    }
    Ok(held)
}

/// Very many small messages in one piece, among readers that do not expect them.
async fn floods(server: SocketAddr) -> Result<Held> {
    let mut held = Vec::new();
    for _ in 0..20 {
        let opened = Events::open(Connection::to(server).await?, "/feed/flooded", "").await?;
        held.push(opened.map_err(|status| format!("a stream was answered {status}"))?.connection);
    }
    let frame = b"\x81\x83\0\0\0\0\"x\"";
    for _ in 0..4 {
        let socket = socket(server, "/ws/flooded").await?;
        let mut connection = socket.connection;
        // It may be closed for it.
        let _ = connection.stream.write_all(&frame.repeat(20_000)).await;
        held.push(connection);
    }
    Ok(held)
}

/// Gone in the middle of everything.
async fn come_and_go(server: SocketAddr) -> Result<Held> {
    for turn in 0..600 {
        let mut connection = Connection::to(server).await?;
        match turn % 4 {
            0 => connection.stream.write_all(b"GET /feed/gone HTT").await?,
            1 => {
                // Half a frame of a message that would be large.
                let mut socket = Socket::open(connection, "/ws/gone").await?;
                socket.connection.stream.write_all(b"\x81\xfe\xff\xff\0\0\0\0\"half").await?;
                connection = socket.connection;
            }
            2 => drop(connection.send(b"GET /feed/gone HTTP/1.1\r\nhost: test\r\n\r\n").await?),
            _ => {}
        }
        if turn % 3 > 0 {
            connection.reset();
        }
    }
    Ok(Vec::new())
}

async fn socket(server: SocketAddr, path: &str) -> Result<Socket> {
    Socket::open(Connection::to(server).await?, path).await
}
