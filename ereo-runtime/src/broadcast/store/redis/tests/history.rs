//! Random histories of three nodes that are killed, cut off and stopped while members come and go.

use std::env;
use std::time::Duration;

use rand::rngs::StdRng;
use rand::seq::IndexedRandom as _;
use rand::{RngExt as _, SeedableRng as _};
use rustix::process::Signal;
use tokio::time::{Instant, sleep};

use super::account::Account;
use super::node::{LEASE, Node};
use super::proxy::Way;
use crate::broadcast::store::tests::redis_server::{FORGETS, RedisServer};

const KEYS: [&str; 6] = ["ann", "ben", "cid", "dan", "eve", "fay"];
const STEPS: usize = 90;
const PATIENCE: Duration = Duration::from_secs(90);

struct History {
    server: RedisServer,
    nodes: Vec<Node>,
    account: Account,
    random: StdRng,
    /// The node that nothing happens to.
    spared: usize,
    cut: Vec<usize>,
    /// For a failure's message.
    done: Vec<String>,
}

impl History {
    async fn begin(seed: u64) -> Self {
        let server = RedisServer::start(FORGETS);
        let mut nodes = Vec::new();
        for number in 0..3 {
            nodes.push(Node::start(server.address(), number).await);
        }
        let mut random = StdRng::seed_from_u64(seed);
        let spared = random.random_range(0..3);
        let account = Account::default();
        let mut history =
            Self { server, nodes, account, random, spared, cut: vec![], done: vec![] };
        for at in 0..3 {
            history.enter(at, "all");
            history.enter(at, ["anchor-0", "anchor-1", "anchor-2"][at]);
        }
        history
    }

    fn enter(&mut self, at: usize, key: &str) {
        let words = self.account.enters(at, key);
        self.done.push(format!("{at}: {words}"));
        self.nodes[at].say(&words);
    }

    async fn step(&mut self) {
        let at = self.random.random_range(0..3);
        let lives = self.nodes[at].lives();
        match self.random.random_range(0..100) {
            0..45 if lives => {
                let key = KEYS.choose(&mut self.random).unwrap();
                self.enter(at, key);
            }
            45..80 => {
                let own = self.account.connections.iter();
                let own = own.filter(|(_, (_, key))| KEYS.contains(&key.as_str()));
                let own = own.map(|(name, (at, _))| (*name, *at)).collect::<Vec<_>>();
                let Some((name, at)) = own.choose(&mut self.random).copied() else { return };
                let words = self.account.leaves(name);
                self.done.push(format!("{at}: {words}"));
                self.nodes[at].say(&words);
            }
            80..98 if at != self.spared => self.fault(at),
            98.. => {
                let said = self.server.say(&["CLIENT", "KILL", "TYPE", "normal"]);
                self.done.push(format!("clients killed: {said}"));
            }
            _ => {}
        }
        sleep(Duration::from_millis(self.random.random_range(5..120))).await;
    }

    /// Ends what is wrong with the node, or begins something.
    fn fault(&mut self, at: usize) {
        let node = &mut self.nodes[at];
        let what = if !node.lives() {
            node.go_on();
            self.enter(at, "all");
            "starts"
        } else if node.is_stopped {
            node.signal(Signal::CONT);
            "goes on"
        } else if self.cut.contains(&at) {
            self.mend(at);
            "is mended"
        } else {
            match self.random.random_range(0..4) {
                0 => {
                    node.kill();
                    self.account.dies(at);
                    "is killed"
                }
                1 => {
                    node.signal(Signal::STOP);
                    "is stopped"
                }
                2 => {
                    node.proxy.cut();
                    "is cut"
                }
                _ => {
                    node.proxy.set(Way::Hole, Way::Hole);
                    self.cut.push(at);
                    "is cut off"
                }
            }
        };
        self.done.push(format!("{at} {what}"));
    }

    fn mend(&mut self, at: usize) {
        self.cut.retain(|cut| *cut != at);
        self.nodes[at].proxy.set(Way::Pass, Way::Pass);
    }

    /// Nothing is wrong any more, but that who was killed may stay so.
    async fn end(&mut self, seed: u64) {
        for at in 0..3 {
            self.mend(at);
            if self.nodes[at].is_stopped {
                self.nodes[at].signal(Signal::CONT);
            }
        }
        let begun = Instant::now();
        while let Err(why) = self.agree() {
            assert!(begun.elapsed() < PATIENCE, "seed {seed}: {why}\n{}", self.story());
            sleep(Duration::from_millis(20)).await;
        }
        for node in self.nodes.iter_mut().filter(|node| node.lives()) {
            node.say("look");
        }
        let begun = Instant::now();
        for node in self.nodes.iter().filter(|node| node.lives()) {
            while node.view(|view| view.looked.is_none()) {
                assert!(begun.elapsed() < PATIENCE, "seed {seed}: nobody looks\n{}", self.story());
                sleep(Duration::from_millis(20)).await;
            }
            node.view(|view| {
                let (looked, told) = (view.looked.as_ref(), view.all());
                assert_eq!(looked, told, "seed {seed}: snapshot and news\n{:?}", view.told);
            });
        }
        let was_slow = self.nodes[self.spared].view(|view| view.begins_anew);
        let spared = ["anchor-0", "anchor-1", "anchor-2"][self.spared];
        for node in self.nodes.iter().filter(|node| node.lives()) {
            let (wrong, left) = node.view(|view| (view.wrong.clone(), view.left.clone()));
            assert!(wrong.is_empty(), "seed {seed}: {wrong:?}\n{}", self.story());
            for key in ["all", spared] {
                let is_invented = left.contains(key) && !was_slow;
                assert!(!is_invented, "seed {seed}: {key} has not left\n{}", self.story());
            }
        }
    }

    /// All nodes that live know of the members that there are, and of nobody else, as one.
    fn agree(&self) -> Result<(), String> {
        let members = self.account.members();
        let mut first = None;
        for node in self.nodes.iter().filter(|node| node.lives()) {
            let all = node.view(|view| view.all().cloned());
            let Some(all) = all else { return Err(format!("{} is incomplete", node.number)) };
            if !all.keys().map(String::as_str).eq(members.iter().copied()) {
                return Err(format!("{} has {all:?} instead of {members:?}", node.number));
            }
            let known = first.get_or_insert_with(|| all.clone());
            if *known != all {
                return Err(format!("{known:?} and {all:?}"));
            }
        }
        Ok(())
    }

    fn story(&self) -> String {
        let told = self.nodes.iter().filter(|node| node.lives());
        let told = told.map(|node| node.view(|view| format!("{}: {:?}", node.number, view.told)));
        format!("{}\n{}", self.done.join("\n"), told.collect::<Vec<_>>().join("\n"))
    }
}

/// Further ones by `EREO_SEEDS=100..120`.
#[actix_web::test]
async fn three_nodes_are_killed_cut_off_and_stopped_and_agree_with_the_account() {
    let seeds = env::var("EREO_SEEDS").ok().and_then(|seeds| {
        let (from, to) = seeds.split_once("..")?;
        Some(from.parse().ok()?..to.parse().ok()?)
    });
    for seed in seeds.unwrap_or(1..3) {
        let mut history = History::begin(seed).await;
        // Whoever is told to have left was known before.
        let begun = Instant::now();
        while let Err(why) = history.agree() {
            assert!(begun.elapsed() < PATIENCE, "seed {seed}: {why}\n{}", history.story());
            sleep(Duration::from_millis(20)).await;
        }
        for _ in 0..STEPS {
            history.step().await;
        }
        history.end(seed).await;
    }
}

/// The lease of one that is killed ends while others watch; and who is cut off says so.
#[actix_web::test]
async fn who_was_at_a_node_that_is_killed_leaves_within_the_lease() {
    let mut history = History::begin(1).await;
    let begun = Instant::now();
    while let Err(why) = history.agree() {
        assert!(begun.elapsed() < PATIENCE, "{why}\n{}", history.story());
        sleep(Duration::from_millis(20)).await;
    }
    // The others have watched for so long.
    sleep(LEASE + LEASE / 2).await;
    history.nodes[1].proxy.set(Way::Hole, Way::Hole);
    let until = |history: &History, at: usize, what: &str, begun: Instant| {
        let has =
            history.nodes[at].view(|view| view.told.iter().any(|said| said.starts_with(what)));
        assert!(begun.elapsed() < PATIENCE, "no {what}\n{}", history.story());
        has
    };
    let begun = Instant::now();
    history.nodes[0].kill();
    history.account.dies(0);
    while !until(&history, 2, "-anchor-0", begun) {
        sleep(Duration::from_millis(5)).await;
    }
    while !until(&history, 1, "?", begun) {
        sleep(Duration::from_millis(5)).await;
    }
    let cut_off = history.nodes[1].view(|view| view.told.clone());
    assert!(cut_off.iter().all(|said| !said.starts_with('-')), "{cut_off:?}");
    history.nodes[1].proxy.set(Way::Pass, Way::Pass);
    history.end(1).await;
}
