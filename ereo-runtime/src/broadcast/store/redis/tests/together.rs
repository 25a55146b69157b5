//! What the nodes tell when nothing goes wrong, and when the server forgets.

use std::time::Duration;

use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::said;
use crate::broadcast::store::redis::Redis;
use crate::broadcast::store::tests::redis_server::{FORGETS, KEEPS, RedisServer};
use crate::broadcast::{ClientSet, PresenceEvents};
use crate::log::LastEventId;

const LEASE: Duration = Duration::from_secs(3);
const PATIENCE: Duration = Duration::from_secs(60);

async fn set(server: &RedisServer, grace: Duration) -> ClientSet<String> {
    let store = Redis::leased(&server.url(), LEASE).await.unwrap();
    ClientSet::builder().presence_grace(grace).store(store.log("set")).build()
}

/// A connection of a member, until it is aborted.
fn enter(set: &ClientSet<String>, key: &str, info: u32) -> JoinHandle<()> {
    let reader = set.subscribe(LastEventId::none()).as_member(key, &info).unwrap();
    let mut reader = Box::pin(reader);
    tokio::task::spawn_local(async move { while reader.recv().await.is_some() {} })
}

async fn told(events: &mut PresenceEvents) -> String {
    let event = timeout(PATIENCE, events.recv()).await.expect("nothing is told");
    said(&event.unwrap())
}

#[actix_web::test]
async fn a_member_is_there_at_all_nodes_from_the_first_connection_to_the_last() {
    let server = RedisServer::start(FORGETS);
    let [here, there] = [set(&server, Duration::ZERO).await, set(&server, Duration::ZERO).await];
    let (mut near, mut far) = (here.presence(), there.presence());
    assert_eq!((told(&mut near).await, told(&mut far).await), ("=".into(), "=".into()));
    let first = enter(&here, "ann", 1);
    assert_eq!((told(&mut near).await, told(&mut far).await), ("+ann:1".into(), "+ann:1".into()));
    // The same member, at the other node, with another info.
    let second = enter(&there, "ann", 2);
    assert_eq!((told(&mut near).await, told(&mut far).await), ("~ann:2".into(), "~ann:2".into()));
    let connections = |set: &ClientSet<String>| set.members()[0].connections();
    assert_eq!((connections(&here), connections(&there)), (2, 2));
    first.abort();
    let third = enter(&there, "ben", 3);
    assert_eq!((told(&mut near).await, told(&mut far).await), ("+ben:3".into(), "+ben:3".into()));
    // What was given last stays, whoever has left.
    assert_eq!(here.members()[0].info::<u32>().unwrap(), 2);
    second.abort();
    assert_eq!((told(&mut near).await, told(&mut far).await), ("-ann:2".into(), "-ann:2".into()));
    // Who comes later knows as much.
    assert_eq!(told(&mut here.presence()).await, "=ben:3");
    third.abort();
    assert_eq!((told(&mut near).await, told(&mut far).await), ("-ben:3".into(), "-ben:3".into()));
}

#[actix_web::test]
async fn a_room_that_nobody_here_is_in_has_members() {
    let server = RedisServer::start(FORGETS);
    let [here, there] = [set(&server, Duration::ZERO).await, set(&server, Duration::ZERO).await];
    let (tea, other) = (here.room("tea"), there.room("tea"));
    let _ann = enter(&tea, "ann", 1);
    let mut near = tea.presence();
    while !told(&mut near).await.ends_with("ann:1") {}
    let keys = |set: &ClientSet<String>| {
        set.members().iter().map(|member| member.key().to_owned()).collect::<Vec<_>>()
    };
    let known = async {
        while keys(&other) != ["ann"] {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    timeout(PATIENCE, known).await.unwrap();
    assert!(keys(&here).is_empty() && keys(&there).is_empty(), "the room's are not the set's");
}

#[actix_web::test]
async fn who_changes_nodes_within_the_grace_time_neither_leaves_nor_joins() {
    let server = RedisServer::start(FORGETS);
    let grace = Duration::from_secs(1);
    let [here, there] = [set(&server, grace).await, set(&server, grace).await];
    let mut news = [here.presence(), there.presence()];
    for news in &mut news {
        assert_eq!(told(news).await, "=");
    }
    let mut at = enter(&here, "ann", 1);
    for news in &mut news {
        assert_eq!(told(news).await, "+ann:1");
    }
    for round in 0..4 {
        at.abort();
        tokio::time::sleep(Duration::from_millis(50)).await;
        at = enter(if round % 2 == 0 { &there } else { &here }, "ann", 1);
    }
    let _ben = enter(&there, "ben", 2);
    for news in &mut news {
        assert_eq!(told(news).await, "+ben:2");
    }
    let begun = tokio::time::Instant::now();
    at.abort();
    for news in &mut news {
        assert_eq!(told(news).await, "-ann:1");
    }
    assert!(begun.elapsed() >= grace - Duration::from_millis(50), "{:?}", begun.elapsed());
}

/// Whatever it has forgotten, nobody has left who is there, and nobody stays who has left.
#[actix_web::test]
async fn a_server_that_forgets_makes_nobody_leave() {
    let mut server = RedisServer::start(FORGETS);
    let [here, there] = [set(&server, Duration::ZERO).await, set(&server, Duration::ZERO).await];
    let mut news = [here.presence(), there.presence()];
    let _ann = enter(&here, "ann", 1);
    let ben = enter(&there, "ben", 2);
    for news in &mut news {
        while !told(news).await.contains("ben") {}
    }
    for set in [&here, &there] {
        let known = async {
            while set.members().len() < 2 {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        timeout(PATIENCE, known).await.unwrap();
    }
    let mut news = [here.presence(), there.presence()];
    for news in &mut news {
        assert_eq!(told(news).await, "=ann:1 ben:2");
    }
    server.say(&["FLUSHALL"]);
    let _cid = enter(&here, "cid", 3);
    for news in &mut news {
        assert_eq!(told(news).await, "+cid:3");
    }
    server.kill();
    server.go_on();
    let _dan = enter(&there, "dan", 4);
    for news in &mut news {
        assert_eq!(told(news).await, "+dan:4");
    }
    ben.abort();
    for news in &mut news {
        assert_eq!(told(news).await, "-ben:2");
    }
    let _eve = enter(&there, "eve", 5);
    for news in &mut news {
        assert_eq!(told(news).await, "+eve:5");
    }
    assert_eq!(here.members().len(), 4);
}

/// All leases are over when it is back, and all nodes have the time of one to say that they live.
#[actix_web::test]
async fn a_server_that_is_down_for_longer_than_the_lease_makes_nobody_leave() {
    let mut server = RedisServer::start(KEEPS);
    let [here, there] = [set(&server, Duration::ZERO).await, set(&server, Duration::ZERO).await];
    let mut news = [here.presence(), there.presence()];
    for news in &mut news {
        assert_eq!(told(news).await, "=");
    }
    let _ann = enter(&here, "ann", 1);
    for news in &mut news {
        assert_eq!(told(news).await, "+ann:1");
    }
    let _ben = enter(&there, "ben", 2);
    for news in &mut news {
        assert_eq!(told(news).await, "+ben:2");
    }
    // Both have watched for so long that they may say who is dead.
    tokio::time::sleep(LEASE + LEASE / 2).await;
    server.kill();
    for news in &mut news {
        assert_eq!(told(news).await, "?ann:1 ben:2");
    }
    tokio::time::sleep(LEASE / 2).await;
    server.go_on();
    for news in &mut news {
        assert_eq!(told(news).await, "=ann:1 ben:2");
    }
    // For as long as the lease of one that is dead would be waited for.
    tokio::time::sleep(LEASE + LEASE / 2).await;
    let _cid = enter(&here, "cid", 3);
    for news in &mut news {
        assert_eq!(told(news).await, "+cid:3");
    }
}

/// Of a node that ends nobody waits for the lease.
#[actix_web::test]
async fn a_node_that_ends_takes_its_members_with_it() {
    let server = RedisServer::start(FORGETS);
    let [here, there] = [set(&server, Duration::ZERO).await, set(&server, Duration::ZERO).await];
    let mut news = there.presence();
    assert_eq!(told(&mut news).await, "=");
    let _ann = enter(&here, "ann", 1);
    assert_eq!(told(&mut news).await, "+ann:1");
    let begun = tokio::time::Instant::now();
    // The connection stays, and the set does not.
    drop(here);
    assert_eq!(told(&mut news).await, "-ann:1");
    assert!(begun.elapsed() < LEASE, "{:?}", begun.elapsed());
}
