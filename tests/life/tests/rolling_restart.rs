//! Two servers behind a balancer, restarted one after the other under load: every reader knows of
//! everything that it did not get.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use ereo_life::balancer::Balancer;
use ereo_life::events::Events;
use ereo_life::http::Connection;
use ereo_life::process::Process;
use tokio::task::JoinHandle;

const READERS: usize = 200;

/// What the readers tell the test.
#[derive(Default)]
struct Watch {
    /// Readers that have got a message in their present stream.
    streams: AtomicUsize,
    /// How often one has.
    opened: AtomicUsize,
    /// Readers that have been told of a reset.
    resets: AtomicUsize,
    done: AtomicBool,
}

/// What one reader saw.
#[derive(Debug, Default)]
struct Seen {
    /// For each life of a server, by its epoch: where the reader's messages began and ended.
    lives: BTreeMap<String, (u64, u64)>,
    resets: usize,
    connections: usize,
    /// Connections that went on in the life that the reader came from.
    resumed: usize,
}

impl Seen {
    /// Takes a message at its position. It must be the very next one of its life, or the first of a
    /// life, which a reset has told.
    fn message(&mut self, id: &str, data: &str) {
        let (epoch, offset) = id.split_once('-').expect("a position");
        let offset = offset.parse().expect("an offset");
        assert_eq!(data, format!("{offset}"), "the server numbers its messages");
        let lives = self.lives.len();
        let (_, last) = self.lives.entry(epoch.to_owned()).or_insert((offset, offset - 1));
        assert_eq!(*last + 1, offset, "a gap, or twice, in {epoch}");
        *last = offset;
        if self.lives.len() > lives {
            // The first life needs no reset.
            assert_eq!(self.resets, lives, "another life without a word");
        }
    }
}

/// Reads until it is told to stop, coming back as a browser does.
async fn read(balancer: SocketAddr, number: usize, watch: Arc<Watch>) -> Seen {
    let mut seen = Seen::default();
    let mut last = String::new();
    while !watch.done.load(Ordering::Relaxed) {
        let before = last.clone();
        let followed = follow(balancer, number, &mut last, &mut seen, &watch).await;
        // Refused, cut, or nobody there: as a browser, after its `retry`.
        let retry = followed.unwrap_or(50);
        let epoch = |id: &str| id.split('-').next().map(str::to_owned);
        seen.resumed += usize::from(!before.is_empty() && epoch(&before) == epoch(&last));
        tokio::time::sleep(Duration::from_millis(retry)).await;
    }
    seen
}

/// Reads one stream to its end; the `retry` that it ended with.
async fn follow(
    balancer: SocketAddr,
    number: usize,
    last: &mut String,
    seen: &mut Seen,
    watch: &Watch,
) -> ereo_life::Result<u64> {
    let connection = Connection::of_client(number, balancer).await?;
    let Ok(mut events) = Events::open(connection, "/feed/ticks", last).await? else {
        return Ok(50);
    };
    seen.connections += 1;
    let mut counted = Counted { watch, counts: false };
    loop {
        let event = events.next().await;
        // Also where the stream ends: an id without an event counts.
        last.clone_from(&events.id);
        let Some(event) = event? else { return Ok(events.retry) };
        if event.name == "ereo.reset" {
            assert_eq!(event.data, r#"{"reason":"epoch","missed":null}"#);
            seen.resets += 1;
            watch.resets.fetch_add(1, Ordering::Relaxed);
        } else {
            seen.message(&events.id, &event.data);
            counted.up();
            if watch.done.load(Ordering::Relaxed) {
                return Ok(0);
            }
        }
    }
}

/// Counts a stream as one that works, from its first message to its end.
struct Counted<'a> {
    watch: &'a Watch,
    counts: bool,
}

impl Counted<'_> {
    fn up(&mut self) {
        if !std::mem::replace(&mut self.counts, true) {
            self.watch.streams.fetch_add(1, Ordering::Relaxed);
            self.watch.opened.fetch_add(1, Ordering::Relaxed);
        }
    }
}

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        if self.counts {
            self.watch.streams.fetch_sub(1, Ordering::Relaxed);
        }
    }
}

async fn server() -> Process {
    let path = env!("CARGO_BIN_EXE_life");
    let variables = [("TICK_MS", "5"), ("HISTORY", "100000"), ("MAX_AGE_S", "600")];
    Process::start(path, &variables).await.expect("a server starts")
}

/// Waits for what must come, and tells what there is if it does not.
async fn until(what: &str, watch: &Watch, holds: impl Fn(&Watch) -> bool) {
    let come = async {
        while !holds(watch) {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    let come = tokio::time::timeout(Duration::from_secs(60), come).await;
    let streams = watch.streams.load(Ordering::Relaxed);
    assert!(come.is_ok(), "{what}: {streams} streams, {:?} resets", watch.resets);
}

fn all_read(watch: &Watch) -> bool {
    watch.streams.load(Ordering::Relaxed) == READERS
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_servers_are_restarted_and_no_reader_misses_anything_unsaid() {
    let balancer = Balancer::with_slots(2).await.unwrap();
    let mut servers = [Some(server().await), Some(server().await)];
    for (slot, server) in servers.iter().flatten().enumerate() {
        balancer.put(slot, server.address);
    }
    balancer.all_ready().await;
    let watch = Arc::new(Watch::default());
    let readers: Vec<JoinHandle<Seen>> = (0..READERS)
        .map(|number| tokio::spawn(read(balancer.address, number, Arc::clone(&watch))))
        .collect();
    until("all read", &watch, all_read).await;

    // Lines that are cut: both servers live on, so that nobody needs a reset.
    balancer.cut();
    let back = |watch: &Watch| watch.opened.load(Ordering::Relaxed) >= 2 * READERS;
    until("all are back", &watch, |watch| back(watch) && all_read(watch)).await;
    assert_eq!(watch.resets.load(Ordering::Relaxed), 0);

    // The first has half of the readers, who go to the second; so that has all when it is its turn.
    let mut resets = 0;
    for (slot, (place, has)) in servers.iter_mut().zip([READERS / 2, READERS]).enumerate() {
        let old = place.take().expect("a server");
        old.terminate().await.unwrap();
        old.ended().await.unwrap();
        resets += has;
        let told = |watch: &Watch| watch.resets.load(Ordering::Relaxed) == resets;
        until("its readers read on", &watch, |watch| told(watch) && all_read(watch)).await;
        let new = server().await;
        balancer.put(slot, new.address);
        balancer.all_ready().await;
        *place = Some(new);
    }

    watch.done.store(true, Ordering::Relaxed);
    for reader in readers {
        let seen = reader.await.expect("a reader's own checks hold");
        // Every life but the first was told, and none besides.
        assert_eq!(seen.resets + 1, seen.lives.len(), "{seen:?}");
        assert!(seen.resumed >= 1, "the cut line was taken up where it was left: {seen:?}");
    }
    assert_eq!(watch.resets.load(Ordering::Relaxed), resets);
}
