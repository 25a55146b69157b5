//! The kinds of clients there are.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use tokio::time::{Instant, sleep, timeout};

use super::{Soak, milliseconds, random};
use crate::Result;
use crate::events::Events;
use crate::http::Connection;
use crate::socket::Socket;

/// One client after the other.
pub(super) async fn come_and_go(soak: Arc<Soak>) -> Result<()> {
    while !soak.is_done() {
        match random(0, 10) {
            0..3 => reads(&soak).await?,
            3 => reads_slowly(&soak).await?,
            4 => does_not_read(&soak).await?,
            5..7 => talks(&soak).await?,
            7 => panics(&soak).await?,
            8 => listens_to_nothing(&soak).await?,
            _ => comes_and_goes(&soak).await?,
        }
    }
    Ok(())
}

async fn stream(soak: &Soak, room: &str, last: &str) -> Result<Events> {
    let opened = Events::open(soak.connect().await?, &format!("/feed/{room}"), last).await?;
    opened.map_err(|status| format!("a stream answered {status}").into())
}

/// Ends as some clients do, and as others.
fn leave(connection: Connection) {
    if random(0, 2) == 0 {
        connection.reset();
    }
}

/// Reads for a while; comes back with its position and reads on.
async fn reads(soak: &Soak) -> Result<()> {
    let (room, mut last) = (soak.room(), String::new());
    for _ in 0..2 {
        let mut events = stream(soak, &room, &last).await?;
        let until = Instant::now() + milliseconds(100, 3000);
        while let Ok(event) = timeout(until - Instant::now(), events.next()).await {
            let Some(event) = event? else { break };
            soak.check(&event.name, &last, &events.id)?;
            last.clone_from(&events.id);
        }
        leave(events.connection);
    }
    Ok(())
}

impl Soak {
    /// A message stands right behind the last one, or a reset says that it does not.
    fn check(&self, event: &str, last: &str, id: &str) -> Result<()> {
        if event == "ereo.reset" {
            self.resets.fetch_add(1, Ordering::Relaxed);
            return Ok(());
        }
        self.messages.fetch_add(1, Ordering::Relaxed);
        let (Some((epoch, before)), Some((its, offset))) =
            (last.split_once('-'), id.split_once('-'))
        else {
            return Ok(());
        };
        let next = before.parse::<u64>()? + 1;
        if epoch == its && next == offset.parse::<u64>()? {
            Ok(())
        } else {
            Err(format!("{id} after {last}").into())
        }
    }
}

async fn reads_slowly(soak: &Soak) -> Result<()> {
    let mut events = stream(soak, &soak.room(), "").await?;
    let until = Instant::now() + milliseconds(1000, 5000);
    while Instant::now() < until {
        // A slow reader may be disconnected.
        if events.connection.read().await.is_err() {
            break;
        }
        events.connection.unread.clear();
        sleep(milliseconds(1, 200)).await;
    }
    leave(events.connection);
    Ok(())
}

async fn does_not_read(soak: &Soak) -> Result<()> {
    let events = stream(soak, &soak.room(), "").await?;
    sleep(milliseconds(500, 8000)).await;
    leave(events.connection);
    Ok(())
}

async fn socket(soak: &Soak) -> Result<Socket> {
    Socket::open(soak.connect().await?, &format!("/ws/{}", soak.room())).await
}

/// Says a few things, hears a few, and closes as one should, or does not.
async fn talks(soak: &Soak) -> Result<()> {
    let mut socket = socket(soak).await?;
    for _ in 0..random(1, 20) {
        socket.send(&"y".repeat(usize::try_from(random(1, 2000))?)).await?;
        let _ = timeout(milliseconds(1, 100), socket.next()).await;
    }
    if random(0, 3) == 0 {
        leave(socket.connection);
        return Ok(());
    }
    socket.close().await?;
    while socket.next().await? != 8 {}
    Ok(())
}

async fn panics(soak: &Soak) -> Result<()> {
    let mut socket = socket(soak).await?;
    socket.send("panic").await?;
    while socket.next().await? != 8 {}
    Ok(())
}

/// Not even to pings: it is given up, or goes before that.
async fn listens_to_nothing(soak: &Soak) -> Result<()> {
    let socket = socket(soak).await?;
    sleep(milliseconds(500, 8000)).await;
    leave(socket.connection);
    Ok(())
}

/// Gone before anything was said.
async fn comes_and_goes(soak: &Soak) -> Result<()> {
    for _ in 0..5 {
        leave(soak.connect().await?);
        leave(stream(soak, &soak.room(), "").await?.connection);
        leave(socket(soak).await?.connection);
    }
    sleep(milliseconds(100, 1000)).await;
    Ok(())
}
