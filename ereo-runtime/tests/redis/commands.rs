//! What is done to connections by name, at whichever server they are.

use std::net::TcpStream;
use std::ops::Range;
use std::time::{Duration, Instant};

use ereo_runtime::prelude::*;
use ereo_runtime::{ClientName, Everywhere, Redis, SendError};
use rand::rngs::SmallRng;
use rand::{RngExt as _, SeedableRng as _};
use tokio::runtime::Runtime;
use tungstenite::{Message, WebSocket};

use crate::proxy::{Proxy, Way};
use crate::server::{FORGETS, KEEPS, RedisServer};
use crate::support::socket::{opened, text};
use crate::support::{Client, Server, get, serve};

const LOGGED_OUT: Ending = Ending::code(4001, "logged out").final_();

/// For what is to happen on a machine that is busy.
const PATIENCE: Duration = Duration::from_secs(60);

/// A member's socket, which is told its name.
#[websocket("/commands/ws/{user}", ping = "off", idle = "off")]
async fn sits(
    user: String,
    mut socket: Socket<String, String>,
    set: Data<ClientSet<String>>,
) -> Result<(), SocketError> {
    let _seat = set.join(&socket)?.as_member(&user, "")?;
    socket.send(&socket.id().name().to_string()).await?;
    while socket.recv().await?.is_some() {}
    Ok(())
}

/// A member's stream, in a room.
#[sse("/commands/rooms/{room}/{user}")]
async fn reads(
    room: String,
    user: String,
    set: Data<ClientSet<String>>,
    last: LastEventId,
) -> Result<Subscription<String>, ereo_runtime::EncodeError> {
    set.room(room).subscribe(last).as_member(&user, "")
}

/// The user is gone, wherever it is.
#[loader("/commands/log-out/{user}")]
async fn log_out(user: String, everywhere: Everywhere) -> usize {
    everywhere.disconnect(Who::Member(&user), LOGGED_OUT)
}

struct Node {
    server: Server,
    set: ClientSet<String>,
    proxy: Proxy,
}

/// So many servers over one Redis, each behind a proxy of its own.
struct Nodes {
    nodes: Vec<Node>,
    redis: RedisServer,
    _proxies: Runtime,
}

impl Nodes {
    fn of(count: usize, options: &[&str]) -> Self {
        let redis = RedisServer::start(options);
        let mut proxies = tokio::runtime::Builder::new_multi_thread();
        let proxies = proxies.worker_threads(1).enable_all().build().unwrap();
        let node = |_| {
            let proxy = proxies.block_on(Proxy::to(redis.address()));
            let store = proxies.block_on(Redis::connect(proxy.url())).unwrap();
            let set =
                ClientSet::<String>::builder().history(10_000).store(store.log("commands")).build();
            let data = Data::new(set.clone());
            let server = serve(move |app| {
                let routes = ereo_runtime::routes().unwrap().only(module_path!());
                app.app_data(data.clone()).service(routes);
            });
            Node { server, set, proxy }
        };
        let nodes = (0..count).map(node).collect();
        Self { nodes, redis, _proxies: proxies }
    }

    fn sits(&self, at: usize, user: &str) -> (WebSocket<TcpStream>, ClientName) {
        let path = format!("/commands/ws/{user}");
        let mut socket = opened(self.nodes[at].server.address, &path);
        let name = text(&mut socket).parse().unwrap();
        (socket, name)
    }

    fn reads(&self, at: usize, room: &str, user: &str) -> Client {
        let path = format!("/commands/rooms/{room}/{user}");
        let mut client = Client::get(self.nodes[at].server.address, &path);
        client.read_until(|client| client.events.retry.is_some());
        client
    }

    fn set(&self, at: usize) -> &ClientSet<String> {
        &self.nodes[at].set
    }
}

fn closes(socket: &mut WebSocket<TcpStream>) -> u16 {
    loop {
        match socket.read().unwrap() {
            Message::Close(frame) => return frame.unwrap().code.into(),
            Message::Text(_) | Message::Ping(_) => {}
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn a_member_is_ended_at_all_servers_in_the_set_and_its_rooms() {
    let nodes = Nodes::of(3, FORGETS);
    let mut sockets: Vec<_> = (0..3).map(|at| nodes.sits(at, "ann").0).collect();
    let mut streams: Vec<_> = (0..3).map(|at| nodes.reads(at, "tea%2Fx", "ann")).collect();
    let (mut bob, _) = nodes.sits(2, "bob");
    // Its own are told at once.
    assert_eq!(nodes.set(0).disconnect(Who::Member("ann"), LOGGED_OUT), 2);
    for socket in &mut sockets {
        assert_eq!(closes(socket), 4001);
    }
    for stream in &mut streams {
        assert_eq!(stream.event().unwrap().event, "ereo.closed");
    }
    nodes.set(1).broadcast(&"on".to_owned()).unwrap();
    assert_eq!(text(&mut bob), "on");
}

#[test]
fn a_room_is_ended_at_all_servers_and_its_neighbours_are_not() {
    let nodes = Nodes::of(2, FORGETS);
    let mut ended: Vec<_> = ["tea", "tea", "tea"].map(|room| nodes.reads(1, room, "ann")).into();
    let mut others =
        ["te", "tea2", "tea%25x", "te%2Fa"].map(|room| (room, nodes.reads(1, room, "ann")));
    // There is no such room here: it is made by this.
    assert_eq!(nodes.set(0).room("tea").disconnect(Who::All, LOGGED_OUT), 0);
    for stream in &mut ended {
        assert_eq!(stream.event().unwrap().event, "ereo.closed");
    }
    for (room, stream) in &mut others {
        let name = room.replace("%2F", "/").replace("%25", "%");
        nodes.set(0).room(&name).broadcast(&name).unwrap();
        assert_eq!(stream.event().unwrap().data, name);
    }
}

#[test]
fn what_was_broadcast_before_goes_out_first_at_all_servers() {
    let nodes = Nodes::of(3, FORGETS);
    for round in 0..12 {
        let mut sockets: Vec<_> = (0..3).map(|at| nodes.sits(at, "ann").0).collect();
        let mut streams: Vec<_> = (0..3).map(|at| nodes.reads(at, "room", "ann")).collect();
        let set = nodes.set(round % 3);
        for n in 0..20 {
            set.broadcast(&format!("{round} {n}")).unwrap();
            set.room("room").broadcast(&format!("{round} {n}")).unwrap();
        }
        set.disconnect(Who::Member("ann"), LOGGED_OUT);
        for text in
            [set.broadcast(&"behind".to_owned()), set.room("room").broadcast(&"behind".to_owned())]
        {
            drop(text.unwrap());
        }
        for (at, socket) in sockets.iter_mut().enumerate() {
            let sent: Vec<_> = (0..20).map(|_| text(socket)).collect();
            assert_eq!(sent, texts(round, 0..20), "{at}");
            // It may be told behind what came later, of another server, and never before what came before.
            assert_eq!(closes(socket), 4001);
        }
        for stream in &mut streams {
            let sent: Vec<_> = (0..20).map(|_| stream.event().unwrap().data).collect();
            assert_eq!(sent, texts(round, 0..20));
            let next = stream.event().unwrap();
            let next = if next.data == "behind" { stream.event().unwrap() } else { next };
            assert_eq!(next.event, "ereo.closed");
        }
    }
}

fn texts(round: usize, range: Range<u32>) -> Vec<String> {
    range.map(|n| format!("{round} {n}")).collect()
}

#[test]
fn a_client_is_sent_to_and_left_out_by_its_name_and_a_member_by_its_key_at_any_server() {
    let nodes = Nodes::of(3, FORGETS);
    let (mut ann, name) = nodes.sits(0, "ann");
    let (mut also_ann, _) = nodes.sits(1, "ann");
    let (mut bob, _) = nodes.sits(0, "bob");
    let send = |at: usize, who: Who<'_>, text: &str| nodes.set(at).send_to(who, &text.to_owned());
    // Behind what was broadcast before, by the one that sends.
    nodes.set(1).broadcast(&"before".to_owned()).unwrap();
    send(1, name.into(), "by name").unwrap();
    nodes.set(2).broadcast(&"first".to_owned()).unwrap();
    send(2, Who::Member("ann"), "by key").unwrap();
    nodes.set(2).broadcast_except(name, &"without".to_owned()).unwrap();
    nodes.set(2).broadcast(&"last".to_owned()).unwrap();
    let mut sent =
        [&mut ann, &mut also_ann].map(|socket| (0..5).map(|_| text(socket)).collect::<Vec<_>>());
    let at = |text: &str| sent[0].iter().position(|sent| sent == text);
    assert!(at("before") < at("by name") && at("first") < at("by key"), "{sent:?}");
    sent.iter_mut().for_each(|sent| sent.sort());
    assert_eq!(sent[0], ["before", "by key", "by name", "first", "last"]);
    assert_eq!(sent[1], ["before", "by key", "first", "last", "without"]);
    let mut of_bob: Vec<_> = (0..4).map(|_| text(&mut bob)).collect();
    of_bob.sort();
    assert_eq!(of_bob, ["before", "first", "last", "without"]);
    assert!(send(2, name.into(), "again").is_ok());
    assert_eq!(text(&mut ann), "again");
    assert!(matches!(
        ClientSet::<String>::new().send_to(name, &String::new()),
        Err(SendError::NoSuchClient(_))
    ));
    assert_eq!(nodes.set(1).disconnect(Who::Named(name), LOGGED_OUT), 0);
    assert_eq!(closes(&mut ann), 4001);
}

#[test]
fn who_logs_out_at_one_server_is_gone_at_all() {
    let nodes = Nodes::of(2, FORGETS);
    let mut sockets = [nodes.sits(0, "ann").0, nodes.sits(1, "ann").0];
    let mut stream = nodes.reads(1, "tea", "ann");
    assert_eq!(get(nodes.nodes[0].server.address, "/commands/log-out/ann").body, "1");
    sockets.iter_mut().for_each(|socket| assert_eq!(closes(socket), 4001));
    assert_eq!(stream.event().unwrap().event, "ereo.closed");
}

/// It is the same whether it was cut off, or is behind a hole.
#[test]
fn a_server_that_was_away_does_what_it_missed() {
    for (round, is_cut) in [true, false].into_iter().enumerate() {
        let nodes = Nodes::of(2, FORGETS);
        let (mut ann, _) = nodes.sits(1, "ann");
        let (mut bob, _) = nodes.sits(1, "bob");
        let away = &nodes.nodes[1].proxy;
        away.set(Way::Hole, Way::Hole);
        if is_cut {
            away.cut();
        }
        nodes.set(0).send_to(Who::Member("ann"), &"missed".to_owned()).unwrap();
        nodes.set(0).disconnect(Who::Member("ann"), LOGGED_OUT);
        nodes.set(0).send_to(Who::Member("bob"), &"also".to_owned()).unwrap();
        std::thread::sleep(Duration::from_secs(3));
        // Its own it does without the store, if not before it knows that this is away.
        if round == 0 {
            let (mut cay, _) = nodes.sits(1, "cay");
            let begun = Instant::now();
            assert_eq!(nodes.set(1).disconnect(Who::Member("cay"), LOGGED_OUT), 1);
            assert_eq!(closes(&mut cay), 4001);
            assert!(begun.elapsed() < Duration::from_secs(2));
        }
        away.set(Way::Pass, Way::Pass);
        assert_eq!(text(&mut ann), "missed");
        assert_eq!(closes(&mut ann), 4001);
        assert_eq!(text(&mut bob), "also");
    }
}

/// More than a mailbox holds comes at once: who reads has it all the same.
#[test]
fn what_a_server_missed_may_be_more_than_a_mailbox_holds() {
    let nodes = Nodes::of(2, FORGETS);
    let (mut ann, _) = nodes.sits(1, "ann");
    let away = &nodes.nodes[1].proxy;
    away.set(Way::Hole, Way::Hole);
    for n in 0..200 {
        nodes.set(0).send_to(Who::Member("ann"), &format!("0 {n}")).unwrap();
    }
    away.set(Way::Pass, Way::Pass);
    let sent: Vec<_> = (0..200).map(|_| text(&mut ann)).collect();
    assert_eq!(sent, texts(0, 0..200));
}

/// Three servers send to all of one member's sockets while their connections break, and Redis does: each socket gets each
/// message once, and those of one server in their order.
#[test]
fn nothing_is_done_twice_and_all_in_order_whatever_breaks() {
    let seed = rand::random();
    let mut random = SmallRng::seed_from_u64(seed);
    let mut nodes = Nodes::of(3, KEEPS);
    let mut sockets: Vec<_> = (0..3).map(|at| nodes.sits(at, "ann").0).collect();
    const EACH: u32 = 100;
    for n in 0..EACH {
        for at in 0..3 {
            nodes.set(at).send_to(Who::Member("ann"), &format!("{at} {n}")).unwrap();
        }
        std::thread::sleep(Duration::from_millis(random.random_range(0..30)));
        let proxy = &nodes.nodes[random.random_range(0..3)].proxy;
        match random.random_range(0..40) {
            0 => proxy.cut(),
            1 => proxy.set(Way::Hole, Way::Pass),
            2 => proxy.set(Way::Pass, Way::Hole),
            3 => {
                nodes.redis.say(&["CLIENT", "KILL", "TYPE", "pubsub"]);
                nodes.redis.say(&["CLIENT", "KILL", "TYPE", "normal"]);
            }
            4..10 => nodes.nodes.iter().for_each(|node| node.proxy.set(Way::Pass, Way::Pass)),
            _ => {}
        }
        if n == EACH / 2 {
            nodes.redis.kill();
            nodes.redis.go_on();
        }
    }
    nodes.nodes.iter().for_each(|node| node.proxy.set(Way::Pass, Way::Pass));
    for (socket, here) in sockets.iter_mut().zip(0..) {
        socket.get_mut().set_read_timeout(Some(PATIENCE)).unwrap();
        let sent: Vec<_> = (0..3 * EACH).map(|_| text(socket)).collect();
        for from in 0..3 {
            let of: Vec<_> =
                sent.iter().filter(|text| text.starts_with(&from.to_string())).cloned().collect();
            assert_eq!(of, texts(from, 0..EACH), "seed {seed}: of {from} at {here}");
        }
    }
    // What went wrong has left nothing behind that comes later.
    let (mut last, _) = nodes.sits(0, "ann");
    nodes.set(1).send_to(Who::Member("ann"), &"last".to_owned()).unwrap();
    for socket in &mut sockets {
        assert_eq!(text(socket), "last");
    }
    assert_eq!(text(&mut last), "last");
}

/// Who comes when Redis has gone back is not told what others were told before.
#[test]
fn a_store_that_has_gone_back_does_nothing_again() {
    let mut nodes = Nodes::of(2, KEEPS);
    let mut sockets = [nodes.sits(0, "ann").0, nodes.sits(1, "ann").0];
    for n in 0..10 {
        nodes.set(n % 2).send_to(Who::Member("ann"), &n.to_string()).unwrap();
    }
    for socket in &mut sockets {
        let mut sent: Vec<u32> = (0..10).map(|_| text(socket).parse().unwrap()).collect();
        sent.sort_unstable();
        assert_eq!(sent, (0..10).collect::<Vec<_>>());
    }
    // The newest commands are forgotten, and the log goes on from there under another epoch.
    nodes.redis.say(&["RPOP", "ereo:{commands%x}:l", "3"]);
    let head = nodes.redis.say(&["HGET", "ereo:{commands%x}:m", "o"]).parse::<u64>().unwrap();
    nodes.redis.say(&["HSET", "ereo:{commands%x}:m", "o", &(head - 3).to_string()]);
    nodes.redis.kill();
    nodes.redis.go_on();
    nodes.set(0).send_to(Who::Member("ann"), &"on".to_owned()).unwrap();
    for socket in &mut sockets {
        assert_eq!(text(socket), "on");
    }
}

#[test]
fn a_log_of_commands_is_bounded_in_time() {
    let nodes = Nodes::of(1, FORGETS);
    let _ann = nodes.sits(0, "ann");
    nodes.set(0).send_to(Who::Member("ann"), &"x".to_owned()).unwrap();
    let begun = Instant::now();
    let ttl = loop {
        let ttl = nodes.redis.say(&["TTL", "ereo:{commands%x}:l"]).parse::<i64>().unwrap();
        if ttl >= 0 {
            break ttl;
        }
        assert!(begun.elapsed() < PATIENCE);
    };
    assert!((60..=120).contains(&ttl), "{ttl}");
}

/// In a set of its own server's memory nothing of it is there.
#[actix_web::test]
async fn a_set_in_memory_is_as_it_was() {
    let set = ClientSet::<String>::new();
    let mut ann = set.subscribe(LastEventId::none()).as_member("ann", "").unwrap();
    let first = ann.recv();
    futures_util::pin_mut!(first);
    assert!(futures_util::poll!(&mut first).is_pending());
    assert_eq!(set.disconnect(Who::Member("ann"), LOGGED_OUT), 1);
    assert!(first.await.is_none());
    assert!(matches!(
        set.send_to(Who::Member("ann"), &String::new()),
        Err(SendError::NoSuchMember)
    ));
}
