//! What goes wrong with Redis, with the network, and with what a restart has kept.

use std::time::Duration;

use ereo_runtime::WhenDown;
use rustix::process::Signal;
use tokio::time::sleep;

use crate::oracle::{Expect, Outcome, Run};
use crate::proxy::Way;
use crate::server::{FORGETS, KEEPS, RedisServer};

async fn a_while() {
    sleep(Duration::from_millis(700)).await;
}

fn nothing_lost(outcome: &Outcome) {
    assert!(outcome.accepted > 20 && outcome.refused == 0, "{outcome:?}");
}

#[actix_web::test]
async fn nothing_goes_wrong() {
    let server = RedisServer::start(FORGETS);
    let run = Run::over(&server).await;
    a_while().await;
    nothing_lost(&run.end(Expect::NothingLost).await);
}

#[actix_web::test]
async fn clients_are_killed() {
    let server = RedisServer::start(FORGETS);
    let run = Run::over(&server).await;
    for _ in 0..5 {
        a_while().await;
        server.say(&["CLIENT", "KILL", "TYPE", "pubsub"]);
        server.say(&["CLIENT", "KILL", "TYPE", "normal"]);
    }
    a_while().await;
    nothing_lost(&run.end(Expect::NothingLost).await);
}

#[actix_web::test]
async fn the_server_sleeps() {
    let server = RedisServer::start(FORGETS);
    let run = Run::over(&server).await;
    a_while().await;
    server.say(&["DEBUG", "SLEEP", "3"]);
    a_while().await;
    nothing_lost(&run.end(Expect::NothingLost).await);
}

#[actix_web::test]
async fn the_process_is_stopped() {
    let server = RedisServer::start(FORGETS);
    let run = Run::over(&server).await;
    a_while().await;
    server.signal(Signal::STOP);
    sleep(Duration::from_secs(5)).await;
    server.signal(Signal::CONT);
    a_while().await;
    nothing_lost(&run.end(Expect::NothingLost).await);
}

#[actix_web::test]
async fn the_scripts_are_forgotten() {
    let server = RedisServer::start(FORGETS);
    let run = Run::over(&server).await;
    a_while().await;
    server.say(&["SCRIPT", "FLUSH"]);
    a_while().await;
    nothing_lost(&run.end(Expect::NothingLost).await);
}

#[actix_web::test]
async fn all_is_flushed() {
    let server = RedisServer::start(FORGETS);
    let run = Run::over(&server).await;
    a_while().await;
    server.say(&["FLUSHALL"]);
    a_while().await;
    let outcome = run.end(Expect::Told).await;
    assert!(outcome.resets >= 4, "{outcome:?}");
}

#[actix_web::test]
async fn it_is_killed_and_has_kept_all() {
    for fsync in ["always", "everysec"] {
        let mut server = RedisServer::start(&[&KEEPS[..4], &["--appendfsync", fsync]].concat());
        let run = Run::over(&server).await;
        a_while().await;
        server.kill();
        sleep(Duration::from_secs(2)).await;
        server.go_on();
        a_while().await;
        nothing_lost(&run.end(Expect::NothingLost).await);
    }
}

#[actix_web::test]
async fn it_is_killed_and_has_kept_nothing() {
    let mut server = RedisServer::start(FORGETS);
    let run = Run::over(&server).await;
    a_while().await;
    server.kill();
    sleep(Duration::from_secs(1)).await;
    server.go_on();
    a_while().await;
    let outcome = run.end(Expect::Told).await;
    assert!(outcome.resets >= 4 && outcome.refused == 0, "{outcome:?}");
}

#[actix_web::test]
async fn it_is_rolled_back_to_a_snapshot() {
    let mut server = RedisServer::start(FORGETS);
    let run = Run::over(&server).await;
    a_while().await;
    server.say(&["SAVE"]);
    a_while().await;
    server.kill();
    server.go_on();
    a_while().await;
    let outcome = run.end(Expect::Told).await;
    assert!(outcome.resets >= 4 && outcome.refused == 0, "{outcome:?}");
}

#[actix_web::test]
async fn it_is_down_for_longer_than_may_be_held() {
    let mut server = RedisServer::start(KEEPS);
    let run = Run::holding(&server, WhenDown::Hold(100)).await;
    a_while().await;
    server.kill();
    sleep(Duration::from_secs(3)).await;
    server.go_on();
    a_while().await;
    let outcome = run.end(Expect::NothingLost).await;
    assert!(outcome.refused > 100, "{outcome:?}");
}

#[actix_web::test]
async fn it_is_down_and_nothing_may_be_held() {
    let mut server = RedisServer::start(KEEPS);
    let run = Run::holding(&server, WhenDown::Refuse).await;
    a_while().await;
    server.kill();
    sleep(Duration::from_secs(2)).await;
    server.go_on();
    a_while().await;
    let outcome = run.end(Expect::NothingLost).await;
    assert!(outcome.refused > 100, "{outcome:?}");
}

#[actix_web::test]
async fn there_is_no_memory_left_for_a_while() {
    let server = RedisServer::start(FORGETS);
    let run = Run::over(&server).await;
    a_while().await;
    server.say(&["CONFIG", "SET", "maxmemory", "1"]);
    a_while().await;
    server.say(&["CONFIG", "SET", "maxmemory", "0"]);
    a_while().await;
    nothing_lost(&run.end(Expect::NothingLost).await);
}

/// A replica of the server that has all that it has.
async fn replica_of(server: &RedisServer) -> RedisServer {
    let replica = RedisServer::start(FORGETS);
    let port = server.address().port().to_string();
    replica.say(&["REPLICAOF", "127.0.0.1", &port]);
    for _ in 0..500 {
        if replica.say(&["INFO", "replication"]).contains("master_link_status:up") {
            return replica;
        }
        sleep(Duration::from_millis(20)).await;
    }
    panic!("it does not become a replica");
}

#[actix_web::test]
async fn a_replica_is_promoted_that_has_all() {
    let mut server = RedisServer::start(FORGETS);
    let replica = replica_of(&server).await;
    let run = Run::over(&server).await;
    a_while().await;
    // Nothing more comes to the old one, and all that has comes to the new one.
    run.both(|proxy| proxy.set(Way::Hole, Way::Pass));
    a_while().await;
    server.kill();
    replica.say(&["REPLICAOF", "NO", "ONE"]);
    run.both(|proxy| {
        proxy.set(Way::Pass, Way::Pass);
        proxy.lead_to(replica.address());
    });
    a_while().await;
    nothing_lost(&run.end(Expect::NothingLost).await);
}

#[actix_web::test]
async fn a_replica_is_promoted_while_the_old_one_goes_on() {
    let server = RedisServer::start(FORGETS);
    let replica = replica_of(&server).await;
    let run = Run::over(&server).await;
    a_while().await;
    replica.say(&["REPLICAOF", "NO", "ONE"]);
    a_while().await;
    // One node after the other.
    let [first, second] = run.proxies();
    first.lead_to(replica.address());
    a_while().await;
    second.lead_to(replica.address());
    a_while().await;
    let outcome = run.end(Expect::Told).await;
    assert!(outcome.resets >= 2, "{outcome:?}");
}

#[actix_web::test]
async fn the_old_one_becomes_a_replica_under_the_nodes() {
    let server = RedisServer::start(FORGETS);
    let replica = replica_of(&server).await;
    let run = Run::over(&server).await;
    a_while().await;
    let port = replica.address().port().to_string();
    server.say(&["CLIENT", "PAUSE", "1000", "WRITE"]);
    sleep(Duration::from_millis(300)).await;
    replica.say(&["REPLICAOF", "NO", "ONE"]);
    server.say(&["REPLICAOF", "127.0.0.1", &port]);
    // It answers READONLY by now.
    a_while().await;
    run.both(|proxy| proxy.lead_to(replica.address()));
    a_while().await;
    nothing_lost(&run.end(Expect::NothingLost).await);
}

#[actix_web::test]
async fn the_address_leads_to_a_node_of_a_cluster_for_a_while() {
    let server = RedisServer::start(FORGETS);
    let cluster = RedisServer::start(&["--cluster-enabled", "yes"]);
    let run = Run::over(&server).await;
    a_while().await;
    run.both(|proxy| proxy.lead_to(cluster.address()));
    a_while().await;
    run.both(|proxy| proxy.lead_to(server.address()));
    a_while().await;
    nothing_lost(&run.end(Expect::NothingLost).await);
}

#[actix_web::test]
async fn connections_are_cut() {
    let server = RedisServer::start(FORGETS);
    let run = Run::over(&server).await;
    for _ in 0..5 {
        a_while().await;
        run.proxies()[0].cut();
        sleep(Duration::from_millis(50)).await;
        run.proxies()[1].cut();
    }
    a_while().await;
    nothing_lost(&run.end(Expect::NothingLost).await);
}

#[actix_web::test]
async fn nothing_comes_back_from_the_server() {
    let server = RedisServer::start(FORGETS);
    let run = Run::over(&server).await;
    a_while().await;
    run.proxies()[0].set(Way::Pass, Way::Hole);
    sleep(Duration::from_secs(5)).await;
    run.proxies()[0].set(Way::Pass, Way::Pass);
    a_while().await;
    nothing_lost(&run.end(Expect::NothingLost).await);
}

#[actix_web::test]
async fn nothing_comes_to_the_server() {
    let server = RedisServer::start(FORGETS);
    let run = Run::over(&server).await;
    a_while().await;
    run.proxies()[1].set(Way::Hole, Way::Pass);
    sleep(Duration::from_secs(5)).await;
    run.proxies()[1].set(Way::Pass, Way::Pass);
    a_while().await;
    nothing_lost(&run.end(Expect::NothingLost).await);
}

#[actix_web::test]
async fn all_is_late() {
    let server = RedisServer::start(FORGETS);
    let run = Run::over(&server).await;
    let late = Way::Delay(Duration::from_millis(150));
    run.both(|proxy| proxy.set(late, late));
    sleep(Duration::from_secs(2)).await;
    run.both(|proxy| proxy.set(Way::Pass, Way::Pass));
    a_while().await;
    nothing_lost(&run.end(Expect::NothingLost).await);
}

#[actix_web::test]
async fn bytes_come_one_at_a_time() {
    let server = RedisServer::start(FORGETS);
    let run = Run::over(&server).await;
    run.both(|proxy| proxy.set(Way::Single, Way::Single));
    sleep(Duration::from_secs(2)).await;
    run.both(|proxy| proxy.set(Way::Pass, Way::Pass));
    nothing_lost(&run.end(Expect::NothingLost).await);
}
