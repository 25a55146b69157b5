//! Two nodes, each behind a proxy of its own, that publish while something goes wrong; and what must hold whatever that
//! is: what was accepted is seen by all, once and in one order, or whoever had seen what is gone is told.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use ereo_runtime::{
    BroadcastError, ClientSet, Delivery, LastEventId, Position, Receipt, Redis, ResetReason,
    WhenDown,
};
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};

use crate::proxy::Proxy;
use crate::server::RedisServer;

/// Between two messages of a node.
const PACE: Duration = Duration::from_millis(3);

/// One of the two.
pub struct Node {
    /// What it is led through, if it is.
    proxy: Option<Proxy>,
    set: ClientSet<String>,
}

impl Node {
    async fn behind_proxy(server: &RedisServer, when_down: WhenDown) -> Self {
        let proxy = Proxy::to(server.address()).await;
        let node = Self::at(&proxy.url(), when_down).await;
        Self { proxy: Some(proxy), ..node }
    }

    async fn at(url: &str, when_down: WhenDown) -> Self {
        let store = Redis::connect(url).await.unwrap();
        let builder = ClientSet::builder().history(100_000).when_down(when_down);
        let set = builder.max_bytes(64 << 20).store(store.log("oracle")).build();
        Self { proxy: None, set }
    }
}

/// What a reader saw.
#[derive(Debug, Clone, Default)]
struct Seen {
    name: String,
    all: Vec<Told>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Told {
    Message(Position, String),
    Reset(ResetReason, Position),
}

/// What is expected of a fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expect {
    /// The store has kept all: nobody is told anything, and all see all that was accepted.
    NothingLost,
    /// It may have forgotten some.
    Told,
}

pub struct Run {
    nodes: [Node; 2],
    publishers: Vec<JoinHandle<Published>>,
    readers: Vec<Arc<Mutex<Seen>>>,
    stop: Arc<tokio::sync::watch::Sender<bool>>,
}

/// What one node's publisher was given a receipt for, and how often it was refused.
type Published = (Vec<(String, Receipt)>, usize);

/// What came of it.
#[derive(Debug)]
pub struct Outcome {
    pub accepted: usize,
    pub refused: usize,
    pub resets: usize,
}

impl Run {
    pub async fn over(server: &RedisServer) -> Self {
        Self::holding(server, WhenDown::Hold(50_000)).await
    }

    pub async fn holding(server: &RedisServer, when_down: WhenDown) -> Self {
        let node = || Node::behind_proxy(server, when_down);
        Self::of([node().await, node().await]).await
    }

    /// The same without proxies.
    pub async fn at(urls: [String; 2], when_down: WhenDown) -> Self {
        let [first, second] = urls;
        Self::of([Node::at(&first, when_down).await, Node::at(&second, when_down).await]).await
    }

    async fn of(nodes: [Node; 2]) -> Self {
        let stop = Arc::new(tokio::sync::watch::Sender::new(false));
        let mut readers = Vec::new();
        for (at, first) in [(0, 0), (1, 1), (2, 0), (3, 1)] {
            let sets = [nodes[first].set.clone(), nodes[1 - first].set.clone()];
            let seen = Arc::new(Mutex::new(Seen { name: format!("reader {at}"), all: vec![] }));
            readers.push(Arc::clone(&seen));
            let moves = at >= 2;
            let (ready, is_ready) = tokio::sync::oneshot::channel();
            tokio::task::spawn_local(read(sets, moves, seen, ready));
            is_ready.await.unwrap();
        }
        let publish = |at: usize| {
            let (set, stop) = (nodes[at].set.clone(), stop.subscribe());
            tokio::spawn(async move {
                let (mut taken, mut refused) = (Vec::new(), 0);
                for n in 0.. {
                    if *stop.borrow() {
                        break;
                    }
                    let text = format!("{at} {n}");
                    match set.broadcast(&text) {
                        Ok(receipt) => taken.push((text, receipt)),
                        Err(BroadcastError::Full { .. } | BroadcastError::Down) => refused += 1,
                        Err(error) => panic!("{error}"),
                    }
                    sleep(PACE).await;
                }
                (taken, refused)
            })
        };
        let publishers = vec![publish(0), publish(1)];
        Self { nodes, publishers, readers, stop }
    }

    pub fn proxies(&self) -> [&Proxy; 2] {
        self.nodes.each_ref().map(|node| node.proxy.as_ref().expect("they are behind proxies"))
    }

    pub fn both(&self, change: impl Fn(&Proxy)) {
        self.proxies().into_iter().for_each(change);
    }

    /// Waits until all is placed and read, and judges.
    pub async fn end(mut self, expect: Expect) -> Outcome {
        self.stop.send_replace(true);
        let (mut accepted, mut refused) = (HashMap::new(), 0);
        for publisher in std::mem::take(&mut self.publishers) {
            let (taken, no) = publisher.await.unwrap();
            refused += no;
            for (text, receipt) in taken {
                let placed = timeout(Duration::from_secs(40), receipt).await;
                let placed = placed.unwrap_or_else(|_| panic!("{text} was never placed"));
                accepted.insert(text, placed.unwrap());
            }
        }
        let last = self.last_word().await;
        let log = self.log().await;
        let seen = self.readers.iter().map(|seen| seen.lock().unwrap().clone()).collect::<Vec<_>>();
        judge(&log, &accepted, &seen, &last, expect);
        let resets = seen.iter().flat_map(|seen| &seen.all);
        let resets = resets.filter(|told| matches!(told, Told::Reset(..))).count();
        Outcome { accepted: accepted.len(), refused, resets }
    }

    /// Publishes one more, and waits until all have it.
    async fn last_word(&self) -> String {
        for n in 0..20 {
            let last = format!("last {n}");
            self.nodes[0].set.broadcast(&last).unwrap().await.unwrap();
            let all_have = || {
                let has = |told: &Told| matches!(told, Told::Message(_, text) if *text == last);
                self.readers.iter().all(|seen| seen.lock().unwrap().all.iter().any(has))
            };
            for _ in 0..60 {
                if all_have() {
                    return last;
                }
                sleep(Duration::from_millis(50)).await;
            }
        }
        panic!("the readers do not hear of what is placed");
    }

    /// What the store has in the end, from the first that it keeps.
    async fn log(&self) -> Vec<(Position, String)> {
        let mut found = Vec::new();
        // From the first message that any reader saw and that the store still has.
        for seen in &self.readers {
            let all = seen.lock().unwrap().all.clone();
            for told in all {
                let Told::Message(position, text) = told else { continue };
                let mut reader = self.nodes[1].set.subscribe(position.into());
                reader.opened().await;
                let mut log = vec![(position, text)];
                let mut is_good = true;
                while let Ok(Some(delivery)) =
                    timeout(Duration::from_millis(200), reader.recv()).await
                {
                    match delivery {
                        Delivery::Message { position, message } => {
                            log.push((position, message.clone()));
                        }
                        _ => {
                            is_good = false;
                            break;
                        }
                    }
                }
                if is_good {
                    if log.len() > found.len() {
                        found = log;
                    }
                    break;
                }
            }
        }
        found
    }
}

/// Reads, and comes back with its position: now and then to the other node, if it moves.
async fn read(
    sets: [ClientSet<String>; 2],
    moves: bool,
    seen: Arc<Mutex<Seen>>,
    ready: tokio::sync::oneshot::Sender<()>,
) {
    let mut ready = Some(ready);
    let mut last = LastEventId::none();
    for at in 0.. {
        let mut reader = sets[at % 2].subscribe(last);
        reader.opened().await;
        ready.take().map(|ready| ready.send(()));
        let stays = if moves { Duration::from_millis(100) } else { Duration::from_secs(3600) };
        let turn = async {
            while let Some(delivery) = reader.recv().await {
                let told = match delivery {
                    Delivery::Message { position, message } => {
                        Told::Message(position, message.clone())
                    }
                    Delivery::Reset { reason, position, .. } => Told::Reset(reason, position),
                    other => panic!("{other:?}"),
                };
                seen.lock().unwrap().all.push(told);
            }
        };
        let _ = timeout(stays, turn).await;
        last = reader.position().into();
    }
}

fn judge(
    log: &[(Position, String)],
    accepted: &HashMap<String, Position>,
    seen: &[Seen],
    last: &str,
    expect: Expect,
) {
    let mut places: HashMap<Position, &str> = HashMap::new();
    for Seen { name, all } in seen {
        let (mut before, mut texts) = (None::<Position>, HashSet::new());
        for told in all {
            match told {
                Told::Message(position, text) => {
                    let other = places.insert(*position, text);
                    assert!(
                        other.is_none_or(|other| other == text),
                        "{position} is {other:?} and {text}"
                    );
                    assert!(texts.insert(text), "{name} has {text} twice");
                    if let Some(before) = before {
                        assert_eq!(
                            position.offset(),
                            before.offset() + 1,
                            "{name} misses something before {text}"
                        );
                    }
                    before = Some(*position);
                }
                // It begins anew: what a store forgot may have been placed again.
                Told::Reset(_, position) => {
                    before = Some(*position);
                    texts.clear();
                }
            }
        }
        let resets = all.iter().filter(|told| matches!(told, Told::Reset(..))).count();
        if expect == Expect::NothingLost {
            assert_eq!(resets, 0, "{name} was told though nothing was lost");
        }
        // What comes after the last reset, or all, is how the log ends.
        let tail = all.rsplit(|told| matches!(told, Told::Reset(..))).next().unwrap_or_default();
        let tail: Vec<_> = tail
            .iter()
            .map(|told| match told {
                Told::Message(position, text) => (*position, text.clone()),
                Told::Reset(..) => unreachable!("behind the last"),
            })
            .collect();
        assert!(log.ends_with(&tail) || tail.ends_with(log), "{name} has another order");
        assert_eq!(tail.last().map(|(_, text)| text.as_str()), Some(last), "{name}");
        for at in 0..2 {
            let of = |(_, text): &(Position, String)| {
                let (by, n) = text.split_once(' ')?;
                (by == at.to_string()).then(|| n.parse::<u64>().unwrap())
            };
            let own: Vec<_> = tail.iter().filter_map(of).collect();
            assert!(own.is_sorted_by(|a, b| a < b), "{name} has node {at}'s in another order");
        }
        if expect == Expect::NothingLost {
            let missing: Vec<_> =
                accepted.keys().filter(|text| !texts.contains(text)).take(5).collect();
            assert!(missing.is_empty(), "{name} misses {missing:?}, which were accepted");
            assert_eq!(texts.len(), accepted.len() + 1 + last_words_before(last), "{name}");
        }
    }
    for (text, position) in accepted {
        if let Some(shown) = places.get(position) {
            assert_eq!(shown, text, "the receipt says {position}");
        }
    }
}

/// How many of them came before, which somebody did not get in time.
fn last_words_before(last: &str) -> usize {
    last.rsplit_once(' ').map_or(0, |(_, n)| n.parse().unwrap())
}
