//! `nodes [PEERS [MESSAGES]]`: what it takes over Redis, and into a file. `bench/run nodes` calls it, with the folder of the
//! peers' program.
//!
//! A message is published at one process, and a client of another says how long it was on its way, by the system's clock. Of
//! each round all have their turn; Redis is the same for all, and keeps nothing on a disk.

use std::io::{BufRead as _, BufReader, Lines, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use actix_web::rt::time::{sleep, sleep_until};
use actix_web::{App, HttpServer, rt};
use ereo_life::Result;
use ereo_life::events::Events;
use ereo_life::http::Connection;
use ereo_runtime::prelude::*;
use ereo_runtime::{Redis, Sqlite, WhenDown};
use redis_server::{FORGETS, RedisServer};
use tokio::sync::mpsc::unbounded_channel;

#[path = "../../../../ereo-runtime/tests/redis/server.rs"]
mod redis_server;

const ROUNDS: usize = 5;
/// Messages in all that are published at the closest pace.
const MESSAGES: usize = 10_000;
/// Microseconds between two messages, and by what the number of them is divided, so that all take about as long.
const PACES: [(u64, usize); 2] = [(5_000, 10), (500, 1)];
/// A message of about the size of a dashboard's.
const SIZE: usize = 150;

#[sse("/feed")]
async fn feed(set: Data<ClientSet<String>>, last: LastEventId) -> Subscription<String> {
    set.subscribe(last)
}

fn main() -> Result<()> {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    match &arguments[..] {
        [role, url] if role == "node" => rt::System::new().block_on(node(url)),
        [role, port] if role == "client" => rt::System::new().block_on(client(port.parse()?)),
        [peers] => measure(peers.as_ref(), MESSAGES),
        [peers, messages] => measure(peers.as_ref(), messages.parse()?),
        _ => Err("usage: nodes PEERS [MESSAGES]".into()),
    }
}

/// Who is measured, and by which adapter if it is Socket.IO.
const KINDS: [(&str, Option<&str>); 3] = [
    ("Ereo", None),
    ("Socket.IO, Redis streams", Some("streams")),
    ("Socket.IO, Redis pub/sub", Some("pubsub")),
];

/// Two nodes, and a client of the second.
struct Running {
    here: Driven,
    _there: Driven,
    client: Driven,
}

impl Running {
    fn start(adapter: Option<&str>, peers: &Path, redis: &str) -> Result<Self> {
        let start = |role: &str, last: &str| {
            let mut command = match adapter {
                Some(_) => Command::new("node"),
                None => Command::new(std::env::current_exe()?),
            };
            command.args(adapter.map(|_| peers.join("peer.mjs"))).arg(role);
            command.args(adapter.filter(|_| role == "node")).arg(last);
            Driven::start(command)
        };
        let (mut here, mut there) = (start("node", redis)?, start("node", redis)?);
        here.line()?;
        let mut client = start("client", &there.line()?)?;
        client.line()?;
        let mut running = Self { here, _there: there, client };
        // Once through, so that nothing is new.
        running.publish(200, 1_000)?;
        Ok(running)
    }

    /// Publishes so many messages, so many microseconds apart; the nanoseconds that each took.
    fn publish(&mut self, count: usize, apart: u64) -> Result<Vec<u64>> {
        self.client.tell(&count.to_string())?;
        self.here.tell(&format!("{count} {apart} {SIZE}"))?;
        self.here.line()?;
        let line = self.client.line()?;
        Ok(line.split(' ').map(str::parse).collect::<std::result::Result<_, _>>()?)
    }
}

fn measure(peers: &Path, messages: usize) -> Result<()> {
    let redis = RedisServer::start(FORGETS);
    let running = KINDS.map(|(_, adapter)| Running::start(adapter, peers, &redis.url()));
    let mut running = running.into_iter().collect::<Result<Vec<_>>>()?;
    // Of each kind, at each pace.
    let mut took = KINDS.map(|_| PACES.map(|_| Vec::new()));
    for _ in 0..ROUNDS {
        for (running, took) in running.iter_mut().zip(&mut took) {
            for ((apart, share), took) in PACES.iter().zip(took) {
                took.append(&mut running.publish((messages / ROUNDS / share).max(1), *apart)?);
            }
        }
    }
    drop(running);
    println!(
        "| from a publish at one process to a client of another, ms: median (99 of 100) | 200 a second | 2,000 a second |"
    );
    println!("|---|---|---|");
    for ((name, _), took) in KINDS.iter().zip(&mut took) {
        let [seldom, often] = took.each_mut().map(|took| milliseconds(took));
        println!("| {name} | {seldom} | {often} |");
    }
    println!("\n| Ereo's stores | |\n|---|---|");
    rt::System::new().block_on(async {
        let placed = placed(&redis, messages * 10).await?;
        println!("| placed a second by one node in one set, over Redis | {placed:.0} |");
        let ms = caught_up(&redis, messages).await?.as_secs_f64() * 1e3;
        println!("| a node that comes has {messages} messages of Redis, ms | {ms:.1} |");
        for (name, figure) in publishes(messages).await? {
            println!("| a publish {name}, µs: median (99 of 100) | {figure} |");
        }
        Ok(())
    })
}

/// A child that does what it is told by a line, and answers by one.
struct Driven {
    child: Child,
    told: ChildStdin,
    said: Lines<BufReader<ChildStdout>>,
}

impl Driven {
    fn start(mut command: Command) -> Result<Self> {
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let told = child.stdin.take().ok_or("no input")?;
        let said = BufReader::new(child.stdout.take().ok_or("no output")?).lines();
        Ok(Self { child, told, said })
    }

    fn tell(&mut self, line: &str) -> Result<()> {
        writeln!(self.told, "{line}")?;
        Ok(self.told.flush()?)
    }

    fn line(&mut self) -> Result<String> {
        Ok(self.said.next().ok_or("it has ended")??)
    }
}

impl Drop for Driven {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_nanos()).unwrap_or(u64::MAX)
}

/// Lines of the standard input, as they come.
fn told() -> tokio::sync::mpsc::UnboundedReceiver<String> {
    let (lines, told) = unbounded_channel();
    std::thread::spawn(move || {
        for line in std::io::stdin().lines().map_while(std::result::Result::ok) {
            if lines.send(line).is_err() {
                return;
            }
        }
    });
    told
}

fn say(line: &str) -> Result<()> {
    println!("{line}");
    Ok(std::io::stdout().flush()?)
}

/// A server of one worker over Redis, which publishes what it is told.
async fn node(url: &str) -> Result<()> {
    let set = set(url, "feed", 1 << 20).await?;
    let data = Data::new(set.clone());
    let routes = ereo_runtime::routes()?;
    let server = HttpServer::new(move || App::new().app_data(data.clone()).service(routes.clone()));
    let server = server
        .workers(1)
        .realtime(Realtime::new(Drain::within(Duration::from_secs(1))))
        .bind(("127.0.0.1", 0))?;
    let port = server.addrs()[0].port();
    rt::spawn(server.run());
    say(&port.to_string())?;
    let mut told = told();
    while let Some(line) = told.recv().await {
        let numbers = line.split(' ').map(str::parse);
        let numbers = numbers.collect::<std::result::Result<Vec<u64>, _>>()?;
        let [count, apart, size] = numbers[..] else { return Err("three numbers".into()) };
        let begun = tokio::time::Instant::now();
        let mut last = None;
        for sent in 0..count {
            let due = begun + Duration::from_micros(sent * apart);
            // A timer is a millisecond late: what is closer is waited for in turns.
            sleep_until(due - Duration::from_millis(2).min(due - begun)).await;
            while tokio::time::Instant::now() < due {
                tokio::task::yield_now().await;
            }
            let text = format!("{:x<1$}", format!("{} ", now()), size as usize);
            last = Some(set.broadcast(&text)?);
        }
        if let Some(last) = last {
            last.await?;
        }
        say("done")?;
    }
    Ok(())
}

/// A reader of a node's feed, which says how long the messages were on their way.
async fn client(port: u16) -> Result<()> {
    let connection = Connection::to(([127, 0, 0, 1], port).into()).await?;
    let opened = Events::open(connection, "/feed", "").await?;
    let mut events = opened.map_err(|status| format!("refused with {status}"))?;
    say("ready")?;
    let mut told = told();
    while let Some(line) = told.recv().await {
        let mut took = Vec::new();
        for _ in 0..line.parse::<usize>()? {
            let event = events.next().await?.ok_or("the stream has ended")?;
            let sent = event.data.split(' ').next().unwrap_or_default().parse::<u64>()?;
            took.push(now().saturating_sub(sent).to_string());
        }
        say(&took.join(" "))?;
    }
    Ok(())
}

async fn set(url: &str, log: &str, history: usize) -> Result<ClientSet<String>> {
    let store = Redis::connect(url).await?;
    let builder = ClientSet::builder().history(history).max_bytes(1 << 30);
    Ok(builder.when_down(WhenDown::Hold(history)).store(store.log(log)).build())
}

/// Messages a second, from the first that is broadcast until the last has its place.
async fn placed(redis: &RedisServer, messages: usize) -> Result<f64> {
    let set = set(&redis.url(), "placed", messages).await?;
    let text = "x".repeat(SIZE);
    set.broadcast(&text)?.await?;
    let begun = Instant::now();
    let mut last = None;
    for _ in 0..messages {
        last = Some(set.broadcast(&text)?);
    }
    last.ok_or("no messages")?.await?;
    Ok(messages as f64 / begun.elapsed().as_secs_f64())
}

/// From the first look of a node that has nothing, until a reader has all.
async fn caught_up(redis: &RedisServer, messages: usize) -> Result<Duration> {
    let there = set(&redis.url(), "caught up", messages).await?;
    let text = "x".repeat(SIZE);
    let first = there.broadcast(&text)?.await?;
    let mut last = None;
    for _ in 0..messages {
        last = Some(there.broadcast(&text)?);
    }
    last.ok_or("no messages")?.await?;
    let store = Redis::connect(redis.url()).await?;
    let builder = ClientSet::<String>::builder().history(2 * messages).max_bytes(1 << 30);
    let begun = Instant::now();
    let here = builder.store(store.log("caught up")).build();
    let mut reader = here.subscribe(first.into());
    for _ in 0..messages {
        match reader.recv().await {
            Some(ereo_runtime::Delivery::Message { .. }) => {}
            told => return Err(format!("{told:?}").into()),
        }
    }
    Ok(begun.elapsed())
}

/// What a publisher pays for a call itself, of a set in memory and of one in a file: one of each in turn.
async fn publishes(messages: usize) -> Result<[(&'static str, String); 2]> {
    let folder = std::env::temp_dir().join(format!("ereo-bench-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let store = Sqlite::open(folder.join("bench.db"))?;
    let memory = ClientSet::<String>::builder().build();
    let file = ClientSet::builder().store(store.log("bench")).build();
    let text = "x".repeat(SIZE);
    let mut took = [Vec::new(), Vec::new()];
    for _ in 0..messages {
        for (set, took) in [&memory, &file].into_iter().zip(&mut took) {
            let begun = Instant::now();
            let receipt = set.broadcast(&text)?;
            took.push(u64::try_from(begun.elapsed().as_nanos())?);
            drop(receipt);
            // The file's thread has its turn: what is measured is the call alone.
            sleep(Duration::from_micros(200)).await;
        }
    }
    drop((file, store));
    std::fs::remove_dir_all(folder)?;
    let [memory, file] = took.each_mut().map(|took| microseconds(took));
    Ok([("in memory", memory), ("into a file", file)])
}

/// The median, and that of which 99 of 100 are below.
fn of(took: &mut [u64]) -> [f64; 2] {
    took.sort_unstable();
    [50, 99].map(|part| took.get(took.len() * part / 100).copied().unwrap_or_default() as f64)
}

fn milliseconds(took: &mut [u64]) -> String {
    let [median, most] = of(took);
    format!("{:.2} ({:.2})", median / 1e6, most / 1e6)
}

fn microseconds(took: &mut [u64]) -> String {
    let [median, most] = of(took);
    format!("{:.1} ({:.1})", median / 1e3, most / 1e3)
}
