//! Readers that come back as a browser does, of a room whose messages have no gap: each must be the very next one of its
//! room, and of the server that broadcast it, whatever becomes of the servers.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::{sleep, timeout};

use crate::Result;
use crate::events::Events;
use crate::http::Connection;

/// What one reader has seen.
#[derive(Debug, Default)]
struct Seen {
    /// Offset of its last message.
    offset: u64,
    /// The last number of each server's life.
    lives: HashMap<String, u64>,
}

impl Seen {
    /// Takes the message at `offset`, which is a life's name and its number.
    fn message(&mut self, offset: u64, data: &str, known: &[String]) {
        let before = std::mem::replace(&mut self.offset, offset);
        assert!(before == 0 || before + 1 == offset, "{offset} behind {before}");
        let (life, number) = data.split_once(' ').expect("a name and a number");
        let number = number.parse::<u64>().expect("a number");
        match self.lives.insert(life.to_owned(), number) {
            Some(last) => assert_eq!(number, last + 1, "of {life} at {offset}"),
            // It has begun before the reader has.
            None if known.iter().any(|known| known == life) => {}
            None => assert_eq!(number, 1, "of {life} at {offset}"),
        }
    }
}

/// What the readers tell the test.
struct Watch {
    seen: Vec<Mutex<Seen>>,
    known: Vec<String>,
    done: AtomicBool,
}

/// Readers of a room, each with an address of its own.
pub struct Readers {
    watch: Arc<Watch>,
    tasks: Vec<tokio::task::JoinHandle<()>>,
}

impl Readers {
    /// Lets so many come by way of `balancer`, while the lives `known` go on.
    pub fn come(count: usize, balancer: SocketAddr, known: &[&str]) -> Self {
        let known = known.iter().map(|life| (*life).to_owned()).collect();
        let seen = (0..count).map(|_| Mutex::default()).collect();
        let watch = Arc::new(Watch { seen, known, done: AtomicBool::new(false) });
        let read = |number| tokio::spawn(read(balancer, number, Arc::clone(&watch)));
        let tasks = (0..count).map(read).collect();
        Self { watch, tasks }
    }

    /// Waits until all have seen so much more than any has now.
    ///
    /// # Panics
    /// When one does not come there.
    pub async fn read_on(&self, more: u64) {
        let offsets = self.watch.seen.iter().map(|seen| lock(seen).offset);
        let goal = offsets.max().unwrap_or_default() + more;
        self.until(&format!("does not come to {goal}"), |seen| seen.offset >= goal).await;
    }

    /// Waits until all have seen the message of this number of a life.
    ///
    /// # Panics
    /// When one does not see it.
    pub async fn see(&self, life: &str, number: u64) {
        let has = |seen: &Seen| number == 0 || seen.lives.get(life) == Some(&number);
        self.until(&format!("does not see {life} {number}"), has).await;
    }

    async fn until(&self, what: &str, holds: impl Fn(&Seen) -> bool) {
        let come = timeout(Duration::from_secs(60), async {
            while !self.watch.seen.iter().all(|seen| holds(&lock(seen))) {
                // One that has found something wrong has ended.
                assert!(!self.tasks.iter().any(|task| task.is_finished()), "a reader has ended");
                sleep(Duration::from_millis(10)).await;
            }
        });
        if come.await.is_err() {
            let slow = self.watch.seen.iter().find(|seen| !holds(&lock(seen)));
            panic!("a reader {what}: {:?}", slow.map(|seen| format!("{:?}", lock(seen))));
        }
    }

    /// Ends them.
    ///
    /// # Panics
    /// When one has missed something, got it twice, or was told of a reset.
    pub async fn end(self) {
        self.watch.done.store(true, Ordering::Relaxed);
        for task in self.tasks {
            task.await.expect("a reader's own checks hold");
        }
    }
}

async fn read(balancer: SocketAddr, number: usize, watch: Arc<Watch>) {
    let mut last = String::new();
    while !watch.done.load(Ordering::Relaxed) {
        let retry = follow(balancer, number, &mut last, &watch).await;
        // Refused, cut, or nobody there: as a browser, after its `retry`.
        sleep(Duration::from_millis(retry.unwrap_or(50))).await;
    }
}

/// Reads one stream to its end; the `retry` that it ended with.
async fn follow(
    balancer: SocketAddr,
    number: usize,
    last: &mut String,
    watch: &Watch,
) -> Result<u64> {
    let connection = Connection::of_client(number, balancer).await?;
    let Ok(mut events) = Events::open(connection, "/feed/ticks", last).await? else {
        return Ok(50);
    };
    while !watch.done.load(Ordering::Relaxed) {
        let event = events.next().await;
        // Also where the stream ends: an id without an event counts.
        last.clone_from(&events.id);
        let Some(event) = event? else { return Ok(events.retry) };
        assert_eq!(event.name, "message", "{event:?} at {last}");
        let (_, offset) = last.split_once('-').expect("a position");
        let offset = offset.parse().expect("an offset");
        lock(&watch.seen[number]).message(offset, &event.data, &watch.known);
    }
    Ok(0)
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
