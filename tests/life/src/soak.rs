//! Clients of every kind that come, behave as clients do, and go; memory stays flat, and nothing is
//! left when they are gone.

mod clients;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use rand::RngExt as _;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout};

use crate::Result;
use crate::http::{Connection, json};
use crate::process::Process;

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
        tasks.spawn(clients::come_and_go(Arc::clone(&soak)));
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
