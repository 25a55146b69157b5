//! Clients of every kind that come, behave as clients do, and go; memory stays flat, and nothing is
//! left when they are gone.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use rand::RngExt as _;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout};

use crate::Result;
use crate::events::Events;
use crate::http::{Connection, json};
use crate::process::Process;
use crate::socket::Socket;

/// Clients that are there at a time.
const CLIENTS: usize = 200;
const PUBLISHERS: usize = 4;
/// Rooms at a time; each lives for [`ROOM_LIFE`] seconds.
const ROOMS: u64 = 30;
const ROOM_LIFE: u64 = 10;
/// How far the memory after the warm-up may go up.
const GROWTH: f64 = 1.05;

struct Soak {
    server: Process,
    began: Instant,
    done: AtomicBool,
    connections: AtomicU64,
    messages: AtomicU64,
    resets: AtomicU64,
}

/// Soaks a server for so many seconds.
///
/// # Errors
/// When memory grows, something is left behind, a client is refused, or one sees a gap.
pub async fn soak(seconds: u64) -> Result<()> {
    let path = std::env::current_exe()?;
    let path = path.to_str().ok_or("the program's path is no text")?;
    let server = Process::start(path, &[("WORKERS", "2")]).await?;
    // Once used, so that what is made on first use is there.
    json(server.address, "/state/none").await?;
    let descriptors = server.descriptors()?;
    let soak = Arc::new(Soak {
        server,
        began: Instant::now(),
        done: AtomicBool::new(false),
        connections: AtomicU64::new(0),
        messages: AtomicU64::new(0),
        resets: AtomicU64::new(0),
    });
    let mut tasks = JoinSet::new();
    for _ in 0..CLIENTS {
        tasks.spawn(clients(Arc::clone(&soak)));
    }
    for _ in 0..PUBLISHERS {
        tasks.spawn(publish(Arc::clone(&soak)));
    }
    let memory = soak.sample(seconds, &mut tasks).await?;
    soak.done.store(true, Ordering::Relaxed);
    while let Some(ended) = tasks.join_next().await {
        ended??;
    }
    soak.nothing_left(descriptors).await?;
    let resets = soak.resets.load(Ordering::Relaxed);
    println!("{} connections, {} messages, {resets} resets", soak.connections(), soak.messages());
    flat(&memory)
}

/// The last quarter against the first one after the warm-up, which is the first half.
fn flat(memory: &[u64]) -> Result<()> {
    let median = |part: &[u64]| {
        let mut part = part.to_vec();
        part.sort_unstable();
        part.get(part.len() / 2).copied().ok_or("too short to tell anything")
    };
    let after = &memory[memory.len() / 2..];
    let (before, after) = after.split_at(after.len() / 2);
    let (before, after) = (median(before)?, median(after)?);
    let growth = after as f64 / before as f64;
    println!("memory after the warm-up: {before} KiB, at the end: {after} KiB, ratio {growth:.3}");
    if growth <= GROWTH { Ok(()) } else { Err(format!("memory grows: {growth:.3}").into()) }
}

impl Soak {
    fn is_done(&self) -> bool {
        self.done.load(Ordering::Relaxed)
    }

    fn connections(&self) -> u64 {
        self.connections.load(Ordering::Relaxed)
    }

    fn messages(&self) -> u64 {
        self.messages.load(Ordering::Relaxed)
    }

    /// One of the rooms that there are now.
    fn room(&self) -> String {
        let life = self.began.elapsed().as_secs() / ROOM_LIFE;
        format!("{life}-{}", random(0, ROOMS))
    }

    async fn connect(&self) -> Result<Connection> {
        self.connections.fetch_add(1, Ordering::Relaxed);
        Connection::to(self.server.address).await
    }

    /// Looks at the memory every second, and at the clients, none of whom may fail.
    async fn sample(&self, seconds: u64, tasks: &mut JoinSet<Result<()>>) -> Result<Vec<u64>> {
        let mut memory = Vec::new();
        for second in 1..=seconds {
            sleep(Duration::from_secs(1)).await;
            while let Some(ended) = tasks.try_join_next() {
                ended??;
            }
            memory.push(self.server.memory()?);
            if second % 10 == 0 {
                let state = json(self.server.address, "/state/none").await?;
                let (rss, connections) = (self.server.memory()?, self.connections());
                println!("{second:>5} s  {rss:>7} KiB  {connections:>7} connections  {state}");
            }
        }
        Ok(memory)
    }

    /// Waits until all that the clients had is given back.
    async fn nothing_left(&self, descriptors: usize) -> Result<()> {
        let gone = async {
            loop {
                let state = json(self.server.address, "/state/none").await?;
                let open = self.server.descriptors()?;
                // The one that asks may still be there.
                if state["open"] == 0 && open <= descriptors {
                    return Result::<()>::Ok(());
                }
                sleep(Duration::from_millis(100)).await;
            }
        };
        match timeout(Duration::from_secs(60), gone).await {
            Ok(gone) => gone,
            Err(_) => {
                let state = json(self.server.address, "/state/none").await?;
                let open = self.server.descriptors()?;
                Err(format!("left behind: {state}, {open} descriptors of {descriptors}").into())
            }
        }
    }
}

fn random(from: u64, to: u64) -> u64 {
    rand::rng().random_range(from..to)
}

fn milliseconds(from: u64, to: u64) -> Duration {
    Duration::from_millis(random(from, to))
}

/// Broadcasts messages of all sizes to all rooms.
async fn publish(soak: Arc<Soak>) -> Result<()> {
    let mut connection = soak.connect().await?;
    while !soak.is_done() {
        let size = match random(0, 100) {
            0 => random(16 << 10, 64 << 10),
            1..10 => random(1 << 10, 8 << 10),
            _ => random(1, 300),
        };
        let text = "x".repeat(usize::try_from(size)?);
        let head = format!("POST /publish/{}", soak.room());
        let (status, answer) = connection.answer(&head, &text).await?;
        if status != 200 {
            return Err(format!("{head} answered {status}: {answer}").into());
        }
        sleep(milliseconds(0, 4)).await;
    }
    Ok(())
}

/// One client after the other.
async fn clients(soak: Arc<Soak>) -> Result<()> {
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

#[cfg(test)]
mod tests {
    use super::flat;

    #[test]
    fn growth_after_the_warm_up_fails_and_during_it_does_not() {
        let memory = |end: u64| [vec![10; 20], vec![1000; 50], vec![end; 25]].concat();
        assert!(flat(&memory(1050)).is_ok());
        assert!(flat(&memory(1060)).is_err());
        assert!(flat(&[]).is_err());
    }
}
