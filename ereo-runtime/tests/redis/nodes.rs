//! Two servers over one Redis: what their clients see.

use std::net::TcpStream;
use std::time::{Duration, Instant};

use ereo_runtime::Redis;
use ereo_runtime::prelude::*;
use tungstenite::{Message, WebSocket};

use crate::server::{FORGETS, KEEPS, RedisServer};
use crate::support::socket::{joined, text};
use crate::support::{Client, get};
use kept::{Node, read};

#[path = "../http/support/kept.rs"]
mod kept;

/// What a socket sends goes to all the others; it is greeted once it is there.
#[websocket("/nodes/ws", ping = "off", idle = "off")]
async fn others(
    mut socket: Socket<String, String>,
    set: Data<ClientSet<String>>,
) -> Result<(), SocketError> {
    let seat = set.join(&socket)?;
    socket.send(&"joined".to_owned()).await?;
    while let Some(text) = socket.recv().await? {
        set.broadcast_except(socket.id(), &text)?;
    }
    drop(seat);
    Ok(())
}

fn set(url: &str) -> ClientSet<String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let store = runtime.block_on(Redis::connect(url)).unwrap();
    ClientSet::builder().history(10_000).store(store.log("nodes")).build()
}

fn node(url: &str) -> Node {
    Node::of(set(url), module_path!())
}

fn texts(range: std::ops::Range<u32>) -> Vec<String> {
    range.map(|n| n.to_string()).collect()
}

#[test]
fn a_message_reaches_the_clients_of_both_in_order() {
    let redis = RedisServer::start(FORGETS);
    let (here, there) = (node(&redis.url()), node(&redis.url()));
    let mut clients: Vec<_> = [&here, &there].map(|node| node.comes("/kept/feed")).into();
    for text in texts(0..500) {
        here.set.broadcast(&text).unwrap();
    }
    for client in &mut clients {
        assert_eq!(read(client, "499").0, texts(0..500));
    }
}

#[test]
fn a_client_goes_from_one_to_the_other_and_misses_nothing() {
    let redis = RedisServer::start(FORGETS);
    let nodes = [node(&redis.url()), node(&redis.url())];
    for path in ["/kept/feed", "/kept/rooms/a%20room"] {
        let set = |at: usize| {
            let set = &nodes[at % 2].set;
            if path.contains("rooms") { set.room("a room") } else { set.clone() }
        };
        let mut client = nodes[0].comes(path);
        set(1).broadcast(&"0".to_owned()).unwrap();
        let (_, mut last) = read(&mut client, "0");
        for round in 0..20 {
            let (first, behind) = (round * 10 + 1, round * 10 + 11);
            // By the one that it comes from, while it is on its way.
            let from = usize::try_from(round).unwrap();
            texts(first..behind).iter().for_each(|text| drop(set(from).broadcast(text).unwrap()));
            client.leave();
            client = nodes[(from + 1) % 2].back(path, &last);
            let (seen, position) = read(&mut client, &(behind - 1).to_string());
            assert_eq!(seen, texts(first..behind), "{path} {round}");
            last = position;
        }
    }
}

/// It has seen what the other node has yet to hear of.
#[test]
fn a_client_that_is_ahead_of_the_node_it_comes_to_is_not_reset() {
    let redis = RedisServer::start(FORGETS);
    let (here, there) = (node(&redis.url()), node(&redis.url()));
    let mut client = here.comes("/kept/feed");
    for round in 0..30_u32 {
        let text = round.to_string();
        here.set.broadcast(&text).unwrap();
        let (_, last) = read(&mut client, &text);
        let mut moved = there.back("/kept/feed", &last);
        let next = format!("{round} there");
        there.set.broadcast(&next).unwrap();
        assert_eq!(read(&mut moved, &next).0.concat(), next);
        read(&mut client, &next);
    }
    // What is no position of this log's is told so, by either.
    let mut foreign = there.back("/kept/feed", "00000000000000ff-3");
    assert_eq!(foreign.event().unwrap().event, "ereo.reset");
}

/// As when each of two requests of a page goes to another server.
#[test]
fn a_page_is_loaded_at_one_and_followed_at_the_other() {
    let redis = RedisServer::start(FORGETS);
    let nodes = [node(&redis.url()), node(&redis.url())];
    for round in 0..20 {
        let from = round % 2;
        nodes[from].set.broadcast(&format!("before {round}")).unwrap();
        let answer = get(nodes[from].server.address, "/kept/state");
        let last = answer.header("last-event-id").unwrap().to_owned();
        let mut client = nodes[1 - from].back("/kept/feed", &last);
        let next = format!("after {round}");
        nodes[from].set.broadcast(&next).unwrap();
        let (seen, _) = read(&mut client, &next);
        assert!(seen.len() <= 2, "{seen:?}");
    }
}

#[test]
fn rooms_are_apart_and_each_is_the_same_at_both() {
    let redis = RedisServer::start(FORGETS);
    let (here, there) = (node(&redis.url()), node(&redis.url()));
    let names = ["a", "b/c", "b%2Fc", "ü"];
    let path = |name: &str| format!("/kept/rooms/{}", percent(name));
    let mut clients: Vec<_> = names.iter().map(|name| there.comes(&path(name))).collect();
    for name in names {
        let placed = here.set.room(name).broadcast(&name.to_owned()).unwrap();
        drop(placed);
    }
    for (client, name) in clients.iter_mut().zip(names) {
        assert_eq!(client.event().unwrap().data, name);
    }
}

fn percent(name: &str) -> String {
    name.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

#[test]
fn who_sends_to_the_others_is_left_out_and_all_of_the_other_node_get_it() {
    let redis = RedisServer::start(FORGETS);
    let (here, there) = (node(&redis.url()), node(&redis.url()));
    let addresses = [here.server.address, here.server.address, there.server.address];
    let mut sockets = addresses.map(|address| joined(address, "/nodes/ws"));
    for text in ["one", "two"] {
        sockets[0].send(Message::text(text)).unwrap();
    }
    // It hears of this one only.
    sockets[2].send(Message::text("three")).unwrap();
    // The second is left out by nobody. What comes last tells all that there is no more.
    let mut order: Vec<_> = (0..3).map(|_| said(&mut sockets[1])).collect();
    here.set.broadcast(&"last".to_owned()).unwrap();
    let heard = sockets.each_mut().map(|socket| {
        let heard = std::iter::repeat_with(|| said(socket)).take_while(|text| text != "last");
        heard.collect::<Vec<_>>()
    });
    assert_eq!(heard, [&["three"][..], &[], &["one", "two"]]);
    order.retain(|text| text != "three");
    assert_eq!(order, ["one", "two"]);
}

/// The next text, without its quotes.
fn said(socket: &mut WebSocket<TcpStream>) -> String {
    text(socket).trim_matches('"').to_owned()
}

/// A store that is down does not hold a server up, and its clients are told at once.
#[test]
fn a_node_is_drained_while_redis_is_down() {
    let mut redis = RedisServer::start(KEEPS);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    // A minute for the clients.
    let set = set(&redis.url());
    let Node { mut server, set } = Node::within(Duration::from_secs(120), set, module_path!());
    let mut client = Client::get(server.address, "/kept/feed");
    client.read_until(|client| client.events.retry.is_some());
    redis.kill();
    let receipt = set.broadcast(&"held".to_owned()).unwrap();
    let begun = Instant::now();
    server.begin_drain();
    assert!(client.event().is_none());
    drop(server);
    assert!(begun.elapsed() < Duration::from_secs(45), "{:?}", begun.elapsed());
    redis.go_on();
    assert_eq!(runtime.block_on(receipt.into_future()).unwrap().offset(), 1);
}

/// One after the other, and Redis too: nobody is reset, and nothing is missed.
#[test]
fn all_are_restarted_in_turn() {
    let mut redis = RedisServer::start(KEEPS);
    let mut nodes = [Some(node(&redis.url())), Some(node(&redis.url()))];
    let mut client = nodes[0].as_ref().unwrap().comes("/kept/feed");
    nodes[0].as_ref().unwrap().set.broadcast(&"start".to_owned()).unwrap();
    let (_, mut last) = read(&mut client, "start");
    for round in 0..4_usize {
        let at = round % 2;
        client.leave();
        let old = nodes[at].take().unwrap();
        // Taken, and on its way when it ends.
        old.set.broadcast(&format!("{round} old")).unwrap();
        let Node { server, set } = old;
        server.drain();
        drop(set);
        if round == 2 {
            redis.kill();
            redis.go_on();
        }
        nodes[at] = Some(node(&redis.url()));
        let other = nodes[1 - at].as_ref().unwrap();
        other.set.broadcast(&format!("{round} other")).unwrap();
        client = nodes[at].as_ref().unwrap().back("/kept/feed", &last);
        let (seen, position) = read(&mut client, &format!("{round} other"));
        assert_eq!(seen, [format!("{round} old"), format!("{round} other")]);
        last = position;
    }
}
