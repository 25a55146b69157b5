//! A server over a file, restarted and killed under its readers: none misses anything, and none is told of a reset.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use ereo_life::balancer::Balancer;
use ereo_life::events::Events;
use ereo_life::http::Connection;
use ereo_life::process::Process;
use tokio::time::{sleep, timeout};

const READERS: usize = 200;

/// What the readers tell the test: the last message that each has seen.
struct Watch {
    seen: Vec<AtomicU64>,
    done: AtomicBool,
}

impl Watch {
    fn seen(&self) -> impl Iterator<Item = u64> {
        self.seen.iter().map(|seen| seen.load(Ordering::Relaxed))
    }

    /// Waits until all have seen so much more than any has now.
    async fn read_on(&self, more: u64) {
        let goal = self.seen().max().unwrap_or_default() + more;
        let come = timeout(Duration::from_secs(60), async {
            while self.seen().any(|seen| seen < goal) {
                sleep(Duration::from_millis(10)).await;
            }
        });
        let slowest = come.await.map_err(|_| self.seen().min());
        assert_eq!(slowest, Ok(()), "a reader does not come to {goal}");
    }
}

/// Reads until it is told to stop, coming back as a browser does. Each message must be the very next one.
async fn read(balancer: SocketAddr, number: usize, watch: Arc<Watch>) {
    let mut last = String::new();
    while !watch.done.load(Ordering::Relaxed) {
        let retry = follow(balancer, &mut last, &watch.seen[number], &watch.done).await;
        sleep(Duration::from_millis(retry.unwrap_or(50))).await;
    }
}

/// Reads one stream to its end; the `retry` that it ended with.
async fn follow(
    balancer: SocketAddr,
    last: &mut String,
    seen: &AtomicU64,
    done: &AtomicBool,
) -> ereo_life::Result<u64> {
    let connection = Connection::to(balancer).await?;
    let Ok(mut events) = Events::open(connection, "/feed/ticks", last).await? else {
        return Ok(50);
    };
    while !done.load(Ordering::Relaxed) {
        let event = events.next().await;
        // Also where the stream ends: an id without an event counts.
        last.clone_from(&events.id);
        let Some(event) = event? else { return Ok(events.retry) };
        assert_eq!(event.name, "message", "{event:?} behind {seen:?}");
        let (_, offset) = last.split_once('-').expect("a position");
        assert_eq!(event.data, offset, "the server numbers its messages");
        let offset = offset.parse().expect("an offset");
        let before = seen.swap(offset, Ordering::Relaxed);
        assert!(before == 0 || before + 1 == offset, "{offset} behind {before}");
    }
    Ok(0)
}

async fn server(file: &Path) -> Process {
    let store = format!("sqlite:{}", file.display());
    let variables =
        [("TICK_MS", "5"), ("HISTORY", "100000"), ("MAX_AGE_S", "600"), ("STORE", &store)];
    Process::start(env!("CARGO_BIN_EXE_life"), &variables).await.expect("a server starts")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_over_a_file_is_restarted_and_killed_and_no_reader_notices() {
    let folder = std::env::temp_dir().join(format!("ereo-life-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let file = folder.join("rooms.db");
    let balancer = Balancer::with_slots(1).await.unwrap();
    let mut present = server(&file).await;
    balancer.put(0, present.address);
    balancer.all_ready().await;
    let seen = (0..READERS).map(|_| AtomicU64::new(0)).collect();
    let watch = Arc::new(Watch { seen, done: AtomicBool::new(false) });
    let readers: Vec<_> = (0..READERS)
        .map(|number| tokio::spawn(read(balancer.address, number, Arc::clone(&watch))))
        .collect();
    watch.read_on(50).await;
    for kills in [false, true, true, false] {
        if kills {
            present.killed().await.unwrap();
        } else {
            present.terminate().await.unwrap();
            present.ended().await.unwrap();
        }
        present = server(&file).await;
        balancer.put(0, present.address);
        watch.read_on(50).await;
    }
    watch.done.store(true, Ordering::Relaxed);
    for reader in readers {
        reader.await.expect("a reader's own checks hold");
    }
    drop(present);
    std::fs::remove_dir_all(folder).unwrap();
}
