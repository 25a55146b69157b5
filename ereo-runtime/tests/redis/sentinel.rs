//! Servers that Sentinels watch: nodes that are led to whichever takes writes, whatever becomes of the one before.

use std::time::{Duration, Instant};

use ereo_runtime::broadcast::store::redis::ConnectError;
use ereo_runtime::{Redis, WhenDown};
use rustix::process::Signal;
use tokio::time::sleep;

use crate::oracle::{Expect, Run};
use crate::server::{FORGETS, RedisServer};
use crate::start::works;

/// A server that takes writes, one that follows it, and three Sentinels.
struct Watched {
    servers: [RedisServer; 2],
    sentinels: [RedisServer; 3],
}

/// Waits for what must come.
async fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !holds() {
        assert!(begun.elapsed() < Duration::from_secs(60), "{what}: it never is");
        sleep(Duration::from_millis(50)).await;
    }
}

impl Watched {
    async fn start() -> Self {
        let servers = [RedisServer::start(FORGETS), RedisServer::start(FORGETS)];
        servers[1].say(&["REPLICAOF", "127.0.0.1", &servers[0].address().port().to_string()]);
        until("the replica is up", || {
            servers[1].say(&["INFO", "replication"]).contains("master_link_status:up")
        })
        .await;
        let sentinels = [0; 3].map(|_| RedisServer::sentinel("group", servers[0].address()));
        until("the Sentinels know of all", || {
            sentinels.iter().all(|sentinel| {
                let said = sentinel.say(&["SENTINEL", "MASTER", "group"]);
                let lines: Vec<_> = said.lines().collect();
                let is = |field, value| lines.windows(2).any(|two| two == [field, value]);
                is("num-slaves", "1") && is("num-other-sentinels", "2") && is("flags", "master")
            })
        })
        .await;
        Self { servers, sentinels }
    }

    fn url(&self) -> String {
        let places = self.sentinels.iter().map(|sentinel| sentinel.address().to_string());
        format!("redis-sentinel://{}/0#group", places.collect::<Vec<_>>().join(","))
    }

    /// Whether all Sentinels lead to this one.
    fn lead_to(&self, server: usize) -> bool {
        let port = self.servers[server].address().port().to_string();
        self.sentinels.iter().all(|sentinel| {
            let said = sentinel.say(&["SENTINEL", "GET-MASTER-ADDR-BY-NAME", "group"]);
            said.lines().last() == Some(&port)
        })
    }

    async fn is_promoted(&self) {
        until("the replica is promoted", || self.lead_to(1)).await;
    }

    async fn run(&self) -> Run {
        Run::at([self.url(), self.url()], WhenDown::Hold(50_000)).await
    }
}

async fn a_while() {
    sleep(Duration::from_millis(700)).await;
}

#[actix_web::test]
async fn the_one_that_takes_writes_is_killed_and_comes_back_empty() {
    let mut watched = Watched::start().await;
    let run = watched.run().await;
    a_while().await;
    watched.servers[0].kill();
    watched.is_promoted().await;
    a_while().await;
    watched.servers[0].go_on();
    a_while().await;
    let outcome = run.end(Expect::Told).await;
    assert!(outcome.accepted > 20 && outcome.refused == 0, "{outcome:?}");
}

/// Behind which it answers again, as if nothing had been.
#[actix_web::test]
async fn the_one_that_takes_writes_is_stopped_for_a_while() {
    let watched = Watched::start().await;
    let run = watched.run().await;
    a_while().await;
    watched.servers[0].signal(Signal::STOP);
    watched.is_promoted().await;
    a_while().await;
    watched.servers[0].signal(Signal::CONT);
    a_while().await;
    let outcome = run.end(Expect::Told).await;
    assert!(outcome.accepted > 20 && outcome.refused == 0, "{outcome:?}");
}

#[actix_web::test]
async fn another_is_chosen_under_load() {
    let watched = Watched::start().await;
    let run = watched.run().await;
    a_while().await;
    assert_eq!(watched.sentinels[0].say(&["SENTINEL", "FAILOVER", "group"]), "OK");
    watched.is_promoted().await;
    a_while().await;
    let outcome = run.end(Expect::Told).await;
    assert!(outcome.accepted > 20 && outcome.refused == 0, "{outcome:?}");
}

#[actix_web::test]
async fn one_that_answers_is_enough_and_what_they_do_not_know_is_said() {
    let mut watched = Watched::start().await;
    watched.sentinels[0].kill();
    watched.sentinels[2].signal(Signal::STOP);
    works(&Redis::connect(watched.url()).await.unwrap()).await;
    let other = watched.url().replace("#group", "#other");
    let unknown = Redis::connect(other).await.unwrap_err();
    assert_eq!(unknown, ConnectError::UnknownPrimary { name: "other".to_owned() });
    let direct = Redis::connect(watched.sentinels[1].url()).await.unwrap_err();
    assert_eq!(direct, ConnectError::Sentinel);
    watched.sentinels[1].kill();
    let nobody = Redis::connect(watched.url()).await.unwrap_err();
    assert!(matches!(nobody, ConnectError::Unreachable { .. }), "{nobody:?}");
}
