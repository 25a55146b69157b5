//! `readers observed [ROUNDS] | stalled [ROUNDS]`: what a delivery to 400 event streams costs the server, with and without
//! an observer, or with and without readers that have stopped, in interleaved rounds. `readers serve` is that server.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use ereo_life::Result;
use ereo_life::events::Events;
use ereo_life::http::{Connection, json};
use ereo_life::process::Process;
use ereo_life::server::serve;
use tokio::net::TcpSocket;
use tokio::runtime::Runtime;
use tokio::sync::Notify;
use tokio::task::JoinSet;

const READERS: usize = 400;
const MESSAGES: usize = 400;

/// A clock tick of `/proc/PID/stat` in nanoseconds: Linux counts 100 a second.
const TICK: u64 = 10_000_000;

/// A message of about the size of a dashboard's.
const MESSAGE: usize = 150;

fn main() -> Result<()> {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let rounds = || arguments.get(1).map_or(Ok(7), |text| text.parse());
    match arguments.first().map(String::as_str) {
        Some("serve") => actix_web::rt::System::new().block_on(serve()),
        // The clients' own: as many threads as they need, and none of the server's.
        Some("observed") => Runtime::new()?.block_on(observed(rounds()?)),
        Some("stalled") => Runtime::new()?.block_on(stalled(rounds()?)),
        _ => Err("usage: readers serve | observed [ROUNDS] | stalled [ROUNDS]".into()),
    }
}

/// Spans and metrics, collected as in production, against none collected.
async fn observed(rounds: u64) -> Result<()> {
    compare(rounds, ["not observed", "observed"], async |observed| {
        let variables: &[_] = if observed { &[("OBSERVED", "1")] } else { &[] };
        measure(variables, 0).await
    })
    .await
}

/// 50 readers that have stopped reading for good, among 400 others. None of the others may lag.
async fn stalled(rounds: u64) -> Result<()> {
    compare(rounds, ["all read", "50 stalled"], async |stalled| {
        measure(&[], if stalled { 50 } else { 0 }).await
    })
    .await
}

async fn compare(
    rounds: u64,
    names: [&str; 2],
    measure: impl AsyncFn(bool) -> Result<u64>,
) -> Result<()> {
    let mut figures = [Vec::new(), Vec::new()];
    for round in 1..=rounds {
        // The one that is first has no advantage over all rounds.
        for second in [round % 2 == 0, round % 2 != 0] {
            figures[usize::from(second)].push(measure(second).await?);
        }
    }
    let [first, second] = figures.map(|mut figures| {
        figures.sort_unstable();
        eprintln!("{figures:?}");
        figures[figures.len() / 2]
    });
    let [name, other] = names;
    println!(
        "| ns of the server's time a delivery | {name} | {other} | ratio |\n|---|---|---|---|"
    );
    let ratio = second as f64 / first as f64;
    println!(
        "| {READERS} event streams, median of {rounds} interleaved rounds | {first} | {second} | {ratio:.3} |"
    );
    Ok(())
}

/// Nanoseconds a delivery, one message at a time.
async fn measure(variables: &[(&str, &str)], stalled: usize) -> Result<u64> {
    let path = std::env::current_exe()?;
    let path = path.to_str().ok_or("the program's path is no text")?;
    let server = Process::start(path, variables).await?;
    let mut standing = Vec::new();
    for _ in 0..stalled {
        let socket = TcpSocket::new_v4()?;
        socket.set_recv_buffer_size(4096)?;
        let connection = Connection::over(socket.connect(server.address).await?);
        standing.push(Events::open(connection, "/feed/cost", "").await?);
    }
    let received = Arc::new((AtomicUsize::new(0), Notify::new()));
    let mut readers = JoinSet::new();
    for _ in 0..READERS {
        let opened = Events::open(Connection::to(server.address).await?, "/feed/cost", "").await?;
        let mut events = opened.map_err(|status| format!("a stream answered {status}"))?;
        let received = Arc::clone(&received);
        readers.spawn(async move {
            while let Ok(Some(_)) = events.next().await {
                if (received.0.fetch_add(1, Ordering::Relaxed) + 1).is_multiple_of(READERS) {
                    received.1.notify_one();
                }
            }
        });
    }
    while json(server.address, "/state/cost").await?["clients"] != READERS + stalled {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let mut publisher = Connection::to(server.address).await?;
    let mut publish = async |text: &str| -> Result<()> {
        publisher.answer("POST /publish/cost", text).await?;
        received.1.notified().await;
        Ok(())
    };
    // So much that those who do not read have their buffers full.
    for _ in 0..64 {
        publish(&"b".repeat(64 << 10)).await?;
    }
    let before = server.ticks()?;
    for _ in 0..MESSAGES {
        publish(&"m".repeat(MESSAGE)).await?;
    }
    let ticks = server.ticks()? - before;
    let lagged = json(server.address, "/state/cost").await?["lagged"].as_u64();
    if lagged.is_none_or(|lagged| lagged > stalled as u64) {
        return Err(format!("{lagged:?} have lagged, but {stalled} are stalled").into());
    }
    Ok(ticks * TICK / (READERS * MESSAGES) as u64)
}
