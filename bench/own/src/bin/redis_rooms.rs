//! `redis_rooms [ROOMS [OPEN]]`: what many rooms over one Redis cost, there and at a node that has some of them open.
//! `bench/run redis-rooms` calls it.
//!
//! Each room has one message. One node has made all, and is gone; another opens some, and then does nothing but look where
//! they stand.

use std::fs;
use std::process::Command;
use std::time::{Duration, Instant};

use actix_web::rt;
use actix_web::rt::time::sleep;
use ereo_life::Result;
use ereo_runtime::{ClientSet, LastEventId, Redis};
use redis_server::{FORGETS, RedisServer};

#[path = "../../../../ereo-runtime/tests/redis/server.rs"]
mod redis_server;

const ROOMS: usize = 100_000;
const OPEN: usize = 10_000;
/// So many receipts are waited for at once.
const BATCH: usize = 1_000;
/// How long the looks are watched.
const WATCHED: Duration = Duration::from_secs(10);

fn main() -> Result<()> {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    if let [word, url, rooms] = &arguments[..]
        && word == "make"
    {
        return rt::System::new().block_on(make(url, rooms.parse()?));
    }
    let numbers = arguments.iter().map(|number| number.parse::<usize>());
    let numbers = numbers.collect::<std::result::Result<Vec<_>, _>>()?;
    let rooms = numbers.first().copied().unwrap_or(ROOMS);
    let open = numbers.get(1).copied().unwrap_or(OPEN).min(rooms);
    rt::System::new().block_on(measure(rooms, open))
}

async fn measure(rooms: usize, open: usize) -> Result<()> {
    let redis = RedisServer::start(FORGETS);
    let before = memory(&redis)?;
    let begun = Instant::now();
    // A process of its own: the other's memory is none that it has let go of.
    let make = Command::new(std::env::current_exe()?)
        .args(["make", &redis.url(), &rooms.to_string()])
        .status()?;
    if !make.success() {
        return Err("the rooms were not made".into());
    }
    let took = begun.elapsed();
    let (after, per) = (memory(&redis)?, |bytes: f64, of: usize| bytes / of as f64);
    println!("| of {rooms} rooms, {open} of them open | |\n|---|---|");
    println!(
        "| made a second, by one message each | {:.0} |",
        per(rooms as f64, 1) / took.as_secs_f64()
    );
    println!(
        "| bytes of Redis a room, with its message of 150 bytes | {:.0} |",
        per(after - before, rooms)
    );

    let store = Redis::connect(redis.url()).await?;
    let set = ClientSet::<String>::builder().max_rooms(rooms).store(store.log("rooms")).build();
    let (resident, begun) = (status("VmRSS:")?, Instant::now());
    let subscribe = |room| set.room(room).subscribe(LastEventId::none());
    let mut readers: Vec<_> = (0..open).map(subscribe).collect();
    for reader in &mut readers {
        reader.opened().await;
    }
    println!("| all open, s | {:.2} |", begun.elapsed().as_secs_f64());
    let bytes = (status("VmRSS:")? - resident) * 1024.0;
    println!(
        "| bytes of the node a room, resident, with a reader and its message | {:.0} |",
        per(bytes, open)
    );
    println!("| bytes of Redis an open room more | {:.0} |", per(memory(&redis)? - after, open));

    let of_redis = |redis: &RedisServer| {
        Ok::<_, Box<dyn std::error::Error + Send + Sync>>(
            info(redis, "cpu", "used_cpu_user:")? + info(redis, "cpu", "used_cpu_sys:")?,
        )
    };
    let (there, here) = (of_redis(&redis)?, cpu()?);
    sleep(WATCHED).await;
    let share = |seconds: f64| 100.0 * seconds / WATCHED.as_secs_f64();
    println!(
        "| percent of a core of Redis, for looks at the heads | {:.1} |",
        share(of_redis(&redis)? - there)
    );
    println!("| percent of a core of the node | {:.1} |", share(cpu()? - here));
    Ok(())
}

/// Rooms with a message each.
async fn make(url: &str, rooms: usize) -> Result<()> {
    let store = Redis::connect(url).await?;
    let set = ClientSet::<String>::builder().max_rooms(rooms).store(store.log("rooms")).build();
    let text = "x".repeat(150);
    for first in (0..rooms).step_by(BATCH) {
        let batch = first..rooms.min(first + BATCH);
        let receipts = batch.map(|room| set.room(room).broadcast(&text));
        for receipt in receipts.collect::<std::result::Result<Vec<_>, _>>()? {
            receipt.await?;
        }
    }
    Ok(())
}

/// A field of what Redis says of itself.
fn info(redis: &RedisServer, section: &str, field: &str) -> Result<f64> {
    let said = redis.say(&["INFO", section]);
    let value = said.lines().find_map(|line| line.strip_prefix(field));
    Ok(value.ok_or("Redis does not say it")?.trim().parse()?)
}

fn memory(redis: &RedisServer) -> Result<f64> {
    info(redis, "memory", "used_memory:")
}

/// A field of this process's status.
fn status(field: &str) -> Result<f64> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix(field)).ok_or("no such field")?;
    Ok(line.split_whitespace().next().ok_or("no number")?.parse()?)
}

/// Seconds of a processor that this process has had: a tick is a hundredth.
fn cpu() -> Result<f64> {
    let stat = fs::read_to_string("/proc/self/stat")?;
    let (_, fields) = stat.rsplit_once(')').ok_or("no name")?;
    let ticks = fields.split_whitespace().skip(11).take(2).map(str::parse::<f64>);
    Ok(ticks.sum::<std::result::Result<f64, _>>()? / 100.0)
}
