//! Two servers over one Redis: what their clients see.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use ereo_runtime::Redis;
use ereo_runtime::prelude::*;
use tungstenite::Message;

use crate::server::{FORGETS, KEEPS, RedisServer};
use crate::support::socket::joined;
use crate::support::{Client, Server, get, serve};

#[sse("/nodes/feed")]
async fn feed(set: Data<ClientSet<String>>, last: LastEventId) -> Subscription<String> {
    set.subscribe(last)
}

#[sse("/nodes/rooms/{room}")]
async fn room(
    room: String,
    set: Data<ClientSet<String>>,
    last: LastEventId,
) -> Subscription<String> {
    set.room(room).subscribe(last)
}

#[loader("/nodes/state", live = feed)]
async fn state(_set: Data<ClientSet<String>>) -> String {
    "state".to_owned()
}

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

struct Node {
    server: Server,
    set: ClientSet<String>,
}

fn node(url: &str) -> Node {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let store = runtime.block_on(Redis::connect(url)).unwrap();
    let set = ClientSet::<String>::builder().history(10_000).store(store.log("nodes")).build();
    let data = Data::new(set.clone());
    let server = serve(move |app| {
        app.app_data(data.clone()).service(ereo_runtime::routes().unwrap().only(module_path!()));
    });
    Node { server, set }
}

impl Node {
    fn back(&self, path: &str, last: &str) -> Client {
        Client::get_with(self.server.address, path, &format!("last-event-id: {last}\r\n"))
    }
}

/// What the client is sent, up to and with the message; and its position.
fn read(client: &mut Client, last: &str) -> (Vec<String>, String) {
    let mut texts = Vec::new();
    loop {
        let event = client.event().unwrap();
        assert_ne!(event.event, "ereo.reset", "behind {texts:?}");
        texts.push(event.data);
        if texts.last().unwrap() == last {
            return (texts, event.last_event_id);
        }
    }
}

fn texts(range: std::ops::Range<u32>) -> Vec<String> {
    range.map(|n| n.to_string()).collect()
}

#[test]
fn a_message_reaches_the_clients_of_both_in_order() {
    let redis = RedisServer::start(FORGETS);
    let (here, there) = (node(&redis.url()), node(&redis.url()));
    let mut clients: Vec<_> =
        [&here, &there].map(|node| Client::get(node.server.address, "/nodes/feed")).into();
    for client in &mut clients {
        client.read_until(|client| client.events.retry.is_some());
    }
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
    for path in ["/nodes/feed", "/nodes/rooms/a%20room"] {
        let set = |at: usize| {
            let set = &nodes[at % 2].set;
            if path.contains("rooms") { set.room("a room") } else { set.clone() }
        };
        let mut client = Client::get(nodes[0].server.address, path);
        client.read_until(|client| client.events.retry.is_some());
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
    let mut client = Client::get(here.server.address, "/nodes/feed");
    client.read_until(|client| client.events.retry.is_some());
    for round in 0..30_u32 {
        let text = round.to_string();
        here.set.broadcast(&text).unwrap();
        let (_, last) = read(&mut client, &text);
        let mut moved = there.back("/nodes/feed", &last);
        let next = format!("{round} there");
        there.set.broadcast(&next).unwrap();
        assert_eq!(read(&mut moved, &next).0.concat(), next);
        read(&mut client, &next);
    }
    // What is no position of this log's is told so, by either.
    let mut foreign = there.back("/nodes/feed", "00000000000000ff-3");
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
        let answer = get(nodes[from].server.address, "/nodes/state");
        let last = answer.header("last-event-id").unwrap().to_owned();
        let mut client = nodes[1 - from].back("/nodes/feed", &last);
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
    let path = |name: &str| format!("/nodes/rooms/{}", percent(name));
    let mut clients: Vec<_> =
        names.iter().map(|name| Client::get(there.server.address, &path(name))).collect();
    for client in &mut clients {
        client.read_until(|client| client.events.retry.is_some());
    }
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
    let mut heard = sockets.each_mut().map(|socket| {
        let mut heard = Vec::new();
        let until = Instant::now() + Duration::from_secs(3);
        socket.get_mut().set_read_timeout(Some(Duration::from_millis(200))).unwrap();
        while Instant::now() < until {
            if let Ok(Message::Text(text)) = socket.read() {
                heard.push(text.trim_matches('"').to_owned());
            }
        }
        heard
    });
    let order = heard[1].clone();
    assert_eq!(heard[0], ["three"]);
    heard.iter_mut().for_each(|heard| heard.sort());
    assert_eq!(heard[1], ["one", "three", "two"]);
    assert_eq!(heard[2], ["one", "two"]);
    let of: HashMap<_, _> = order.iter().zip(0..).collect();
    assert!(of[&"one".to_owned()] < of[&"two".to_owned()], "{order:?}");
}

/// One after the other, and Redis too: nobody is reset, and nothing is missed.
#[test]
fn all_are_restarted_in_turn() {
    let mut redis = RedisServer::start(KEEPS);
    let mut nodes = [Some(node(&redis.url())), Some(node(&redis.url()))];
    let address = |node: &Option<Node>| -> SocketAddr { node.as_ref().unwrap().server.address };
    let mut client = Client::get(address(&nodes[0]), "/nodes/feed");
    client.read_until(|client| client.events.retry.is_some());
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
        client = nodes[at].as_ref().unwrap().back("/nodes/feed", &last);
        let (seen, position) = read(&mut client, &format!("{round} other"));
        assert_eq!(seen, [format!("{round} old"), format!("{round} other")]);
        last = position;
    }
}
