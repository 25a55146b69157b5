//! Servers over a file and over Redis, restarted and killed under their readers: none misses anything, none gets anything
//! twice, and none is told of a reset.

use std::path::Path;
use std::time::Duration;

use ereo_life::balancer::Balancer;
use ereo_life::process::Process;
use ereo_life::unbroken::Readers;
use redis_server::{KEEPS, RedisServer};
use tokio::time::sleep;

#[path = "../../../ereo-runtime/tests/redis/server.rs"]
mod redis_server;

const READERS: usize = 200;

/// For how long Redis is down: seconds.
const DOWN: &str = "REDIS_DOWN_S";

/// A server that broadcasts under a name.
async fn server(store: &str, life: &str) -> Process {
    let variables = [
        ("TICK_MS", "10"),
        ("LIFE", life),
        ("HISTORY", "100000"),
        ("MAX_AGE_S", "600"),
        ("MAX_BYTES", "16777216"),
        ("STORE", store),
    ];
    Process::start(env!("CARGO_BIN_EXE_life"), &variables).await.expect("a server starts")
}

fn over(file: &Path) -> String {
    format!("sqlite:{}", file.display())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_over_a_file_is_restarted_and_killed_and_no_reader_notices() {
    let folder = std::env::temp_dir().join(format!("ereo-life-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let file = folder.join("rooms.db");
    let balancer = Balancer::with_slots(1).await.unwrap();
    let mut present = server(&over(&file), "0").await;
    balancer.put(0, present.address);
    balancer.all_ready().await;
    let readers = Readers::come(READERS, balancer.address, &["0"]);
    readers.read_on(50).await;
    for (before, kills) in [false, true, true, false].into_iter().enumerate() {
        let mut said = None;
        if kills {
            present.killed().await.unwrap();
        } else {
            present.terminate().await.unwrap();
            said = Some(present.last_number().await.unwrap());
        }
        present = server(&over(&file), &(before + 1).to_string()).await;
        balancer.put(0, present.address);
        if let Some(said) = said {
            readers.see(&before.to_string(), said).await;
        }
        readers.read_on(50).await;
    }
    readers.end().await;
    drop(present);
    std::fs::remove_dir_all(folder).unwrap();
}

/// Each in turn, and then Redis is down while both go on.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_servers_over_redis_are_restarted_and_so_is_redis_and_no_reader_notices() {
    let down = std::env::var(DOWN).map_or(3, |text| text.parse().expect("seconds"));
    let mut redis = RedisServer::start(KEEPS);
    let balancer = Balancer::with_slots(2).await.unwrap();
    let mut servers =
        [Some(server(&redis.url(), "0").await), Some(server(&redis.url(), "1").await)];
    for (slot, server) in servers.iter().flatten().enumerate() {
        balancer.put(slot, server.address);
    }
    balancer.all_ready().await;
    let readers = Readers::come(READERS, balancer.address, &["0", "1"]);
    readers.read_on(100).await;
    for life in 0..4_usize {
        let slot = life % 2;
        let old = servers[slot].take().unwrap();
        old.terminate().await.unwrap();
        let said = old.last_number().await.unwrap();
        readers.see(&life.to_string(), said).await;
        let new = server(&redis.url(), &(life + 2).to_string()).await;
        balancer.put(slot, new.address);
        balancer.all_ready().await;
        servers[slot] = Some(new);
        readers.read_on(100).await;
    }
    redis.kill();
    sleep(Duration::from_secs(down)).await;
    redis.go_on();
    readers.read_on(2 * down * 100 + 100).await;
    // What the last of them has broadcast is seen at the other.
    let old = servers[0].take().unwrap();
    old.terminate().await.unwrap();
    readers.see("4", old.last_number().await.unwrap()).await;
    readers.end().await;
}
