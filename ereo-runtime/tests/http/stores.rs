//! Sets that outlive their process: what a client of a server over a file sees when that starts again.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;
use std::{env, fs};

use ereo_runtime::broadcast::store::sqlite::{Durability, Sqlite};
use ereo_runtime::prelude::*;
use ereo_runtime::{BroadcastError, WhenDown};

use crate::support::get;
use crate::support::socket::opened;
use kept::{Node, read};

#[path = "support/kept.rs"]
mod kept;

#[websocket("/stores/ws", ping = "off", idle = "off")]
async fn seated(
    mut socket: Socket<String, String>,
    set: Data<ClientSet<String>>,
) -> Result<(), SocketError> {
    let seat = set.join(&socket)?;
    while let Some(text) = socket.recv().await? {
        seat.broadcast(&text)?;
    }
    Ok(())
}

#[sse("/stores/tells", heartbeat = "off")]
async fn tells(set: Data<ClientSet<String>>) -> Result<Subscription<String>, BroadcastError> {
    set.broadcast(&"told".to_owned())?;
    Ok(set.subscribe(LastEventId::none()))
}

/// A file of a test's own, gone with it.
struct File(PathBuf);

impl File {
    fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let folder = env::temp_dir().join(format!("ereo-stores-{}-{count}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        Self(folder.join("ereo.db"))
    }
}

impl Drop for File {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(self.0.parent().unwrap());
    }
}

fn set(file: &Path, durability: Durability) -> ClientSet<String> {
    let store = Sqlite::open_with(file, durability).unwrap();
    ClientSet::builder().history(10_000).store(store.log("feed")).build()
}

fn node(set: ClientSet<String>) -> Node {
    Node::of(set, module_path!())
}

#[test]
fn a_client_goes_on_over_restarts_and_so_does_one_of_a_room() {
    let file = File::new();
    let paths = ["/kept/feed", "/kept/rooms/a%20room"];
    let mut positions: Option<Vec<String>> = None;
    for life in 0..3 {
        let node = node(set(&file.0, Durability::Normal));
        let mut clients: Vec<_> = match &positions {
            None => paths.iter().map(|path| node.comes(path)).collect(),
            Some(last) => {
                paths.iter().zip(last).map(|(path, last)| node.back(path, last)).collect()
            }
        };
        for client in &mut clients {
            client.read_until(|client| client.events.retry.is_some());
        }
        let sets = [node.set.clone(), node.set.room("a room")];
        for n in 0..5 {
            sets.iter().for_each(|set| drop(set.broadcast(&format!("{life} {n}")).unwrap()));
        }
        let seen = clients.iter_mut().map(|client| {
            let (texts, position) = read(client, &format!("{life} 3"));
            let expected: Vec<_> = (0..=3).map(|n| format!("{life} {n}")).collect();
            let before = if life == 0 { vec![] } else { vec![format!("{} 4", life - 1)] };
            assert_eq!(texts, [before, expected].concat());
            position
        });
        positions = Some(seen.collect());
    }
}

#[test]
fn a_page_that_is_loaded_before_anything_else_has_a_position_that_is_good() {
    let file = File::new();
    let last = {
        let set = set(&file.0, Durability::Normal);
        let node = node(set.clone());
        let mut client = node.comes("/kept/feed");
        set.broadcast(&"before".to_owned()).unwrap();
        read(&mut client, "before").1
    };
    let set = set(&file.0, Durability::Normal);
    let node = node(set.clone());
    let answer = get(node.server.address, "/kept/state");
    assert_eq!(answer.header("last-event-id"), Some(&*last));
    set.broadcast(&"after".to_owned()).unwrap();
    assert_eq!(read(&mut node.back("/kept/feed", &last), "after").0, ["after"]);
}

#[test]
fn a_socket_that_joins_before_the_store_answers_is_sent_what_comes_then_and_nothing_older() {
    let file = File::new();
    let texts = |range: std::ops::Range<u32>| range.map(|n| n.to_string());
    {
        let set = set(&file.0, Durability::Normal);
        texts(0..100).for_each(|text| drop(set.broadcast(&text).unwrap()));
    }
    let node = node(set(&file.0, Durability::Normal));
    let mut socket = opened(node.server.address, seated::ROUTE);
    for text in texts(100..105) {
        socket.send(tungstenite::Message::text(format!("\"{text}\""))).unwrap();
    }
    for text in texts(100..105) {
        let heard = socket.read().unwrap().into_text().unwrap();
        assert_eq!(heard.trim_matches('"'), text);
    }
}

/// Until the store takes more: it may come back.
#[test]
fn a_message_that_is_not_taken_is_answered_with_503_and_closes_a_socket_with_1013() {
    let file = File::new();
    let store = Sqlite::open(&file.0).unwrap();
    let set = ClientSet::builder().when_down(WhenDown::Hold(0)).store(store.log("feed")).build();
    let node = node(set);
    let refused = get(node.server.address, "/stores/tells");
    assert_eq!((refused.status, refused.header("retry-after")), (503, Some("10")));
    assert!(refused.body.contains("0 messages are held"), "{}", refused.body);
    let mut socket = opened(node.server.address, seated::ROUTE);
    socket.send(tungstenite::Message::text("not taken")).unwrap();
    match socket.read().unwrap() {
        tungstenite::Message::Close(Some(close)) => assert_eq!(u16::from(close.code), 1013),
        other => panic!("{other:?}"),
    }
}

const CHILD: &str = "EREO_TEST_STORE";

/// Runs in a process of its own, until that is killed: shows what it sends, on its output.
#[test]
fn child() {
    let Ok(file) = env::var(CHILD) else { return };
    let durability = if file.contains("full") { Durability::Full } else { Durability::Normal };
    let set = set(Path::new(&file), durability);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let mut reader = set.subscribe(LastEventId::none());
        reader.opened().await;
        let mut output = std::io::stdout();
        for n in 1_u64.. {
            set.broadcast(&n.to_string()).unwrap();
            if n % 7 == 0 {
                for _ in 0..7 {
                    let shown = reader.recv().await;
                    let Some(ereo_runtime::Delivery::Message { position, message }) = shown else {
                        panic!("{shown:?}");
                    };
                    writeln!(output, "shown {position} {}", *message).unwrap();
                }
                output.flush().unwrap();
            }
        }
    });
}

#[test]
fn a_process_that_is_killed_while_it_writes_loses_nothing_that_was_shown() {
    let file = File::new();
    for (round, name) in ["ereo.db", "ereo.db", "full.db", "full.db"].into_iter().enumerate() {
        let file = file.0.with_file_name(name);
        let mut process = Command::new(env::current_exe().unwrap())
            .args(["--exact", "stores::child", "--nocapture"])
            .env(CHILD, &file)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let lines = BufReader::new(process.stdout.take().unwrap()).lines().map_while(Result::ok);
        let mut shown = Vec::new();
        for line in lines {
            if let Some(line) = line.strip_prefix("shown ") {
                let (position, text) = line.split_once(' ').unwrap();
                shown.push((position.parse::<Position>().unwrap(), text.to_owned()));
            }
            if shown.len() == 70 * (round + 1) {
                process.kill().unwrap();
            }
        }
        process.wait().unwrap();
        assert!(shown.len() >= 70, "{}", shown.len());
        let set = set(&file, Durability::Normal);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            for (at, (position, _)) in shown.iter().enumerate().step_by(23) {
                let mut reader = set.subscribe((*position).into());
                for (position, text) in &shown[at + 1..] {
                    let Some(ereo_runtime::Delivery::Message { message, position: is }) =
                        reader.recv().await
                    else {
                        panic!("{text} was shown, and is not there");
                    };
                    assert_eq!((&*message, is), (text, *position));
                }
            }
            let mut reader = set.subscribe(shown.last().unwrap().0.into());
            reader.opened().await;
            set.broadcast(&"next".to_owned()).unwrap();
            loop {
                match reader.recv().await {
                    Some(ereo_runtime::Delivery::Message { message, .. }) if *message == "next" => {
                        break;
                    }
                    Some(ereo_runtime::Delivery::Message { .. }) => {}
                    told => panic!("{told:?}"),
                }
            }
        });
    }
}

const FULL: &str = "EREO_TEST_FULL_DISK";

/// Runs in a process of its own, whose files may have a megabyte.
#[test]
fn child_with_a_full_disk() {
    let Ok(file) = env::var(FULL) else { return };
    let store = Sqlite::open(&file).unwrap();
    let hold = WhenDown::Hold(100);
    let set = ClientSet::builder().when_down(hold).store(store.log("feed")).build();
    let node = node(set.clone());
    let ready = || get(node.server.address, "/ready").status;
    let mut client = node.comes("/kept/feed");
    let before = client.events.last_event_id.clone();
    set.broadcast(&"before".to_owned()).unwrap();
    read(&mut client, "before");
    assert_eq!(ready(), 200);
    let large = "x".repeat(100 << 10);
    let waits = || std::thread::sleep(Duration::from_millis(20));
    while set.health() == ereo_runtime::Health::Up {
        set.broadcast(&large).unwrap();
        waits();
    }
    let began = std::time::Instant::now();
    // Of what the store has taken nothing is missing, also for who comes now.
    read(&mut node.back("/kept/feed", &before), "before");
    while ready() == 200 {
        assert!(began.elapsed() < Duration::from_secs(15), "it has never been taken out");
        waits();
    }
    assert!(began.elapsed() > Duration::from_secs(9), "{:?}", began.elapsed());
    while set.broadcast(&large).is_ok() {}
    assert!(matches!(set.broadcast(&large), Err(BroadcastError::Full { .. })));
    read(&mut node.back("/kept/feed", &before), "before");
    println!("served");
    // What is held would be waited for.
    std::process::exit(0);
}

#[test]
fn while_the_disk_is_full_readers_are_served_and_after_ten_seconds_the_process_is_not_ready() {
    let file = File::new();
    // In blocks of 1,024 bytes; without the signal that would end it.
    let limited = "trap '' XFSZ; ulimit -f 1024; exec \"$0\" \"$@\"";
    let output = Command::new("bash")
        .args(["-c", limited])
        .arg(env::current_exe().unwrap())
        .args(["--exact", "stores::child_with_a_full_disk", "--nocapture"])
        .env(FULL, &file.0)
        .output()
        .unwrap();
    let [told, error] = [output.stdout, output.stderr].map(|all| String::from_utf8(all).unwrap());
    assert!(told.contains("served"), "{told}\n{error}");
}

/// As in a deploy that is rolled back: the newer version has written what this one does not know.
#[test]
fn what_another_version_has_written_is_told_and_the_stream_goes_on() {
    let file = File::new();
    {
        let store = Sqlite::open(&file.0).unwrap();
        let set = ClientSet::<String>::builder().store(store.log("feed")).build();
        set.broadcast(&"first".to_owned()).unwrap();
        drop(set);
        let newer = ClientSet::<serde_json::Value>::builder().store(store.log("feed")).build();
        newer.broadcast(&serde_json::json!([2])).unwrap();
        newer.broadcast(&serde_json::json!({"text": 3})).unwrap();
    }
    let set = set(&file.0, Durability::Normal);
    set.broadcast(&"fourth".to_owned()).unwrap();
    let node = node(set.clone());
    let mut client = node.comes("/kept/feed");
    set.broadcast(&"fifth".to_owned()).unwrap();
    let (_, last) = read(&mut client, "fifth");
    // Every message is of the epoch of its process; whoever had seen nothing comes back to the first.
    let start = format!("{}-0", last.split_once('-').unwrap().0);
    let mut back = node.back("/kept/feed", &start);
    assert_eq!(back.event().unwrap().data, "first");
    let told = back.event().unwrap();
    assert_eq!(told.event, "ereo.reset");
    let (data, id) = (told.data, told.last_event_id);
    assert_eq!(data, r#"{"reason":"unreadable","missed":2}"#);
    assert!(id.ends_with("-3"), "{id}");
    assert_eq!(read(&mut back, "fifth").0, ["fourth", "fifth"]);
}
