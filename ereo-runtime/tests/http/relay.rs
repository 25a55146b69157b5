//! Sets with so many readers that a relay writes for them: what each gets must be what its own task
//! would have sent. All of it holds through actix's dispatcher as well (`LEAN=off`).

use std::net::TcpStream;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use ereo_runtime::ClientId;
use ereo_runtime::prelude::*;
use tungstenite::{Message as Frame, WebSocket};

use crate::support::socket::{joined, text};
use crate::support::{Client, Server, serve, serve_with};

/// More than a relay needs.
const CROWD: usize = 12;

/// Keeps all that a test broadcasts.
fn keeping_all<T: Message + 'static>() -> ClientSet<T> {
    ClientSet::builder().history(100_000).max_bytes(1 << 30).build()
}

fn server(set: &ClientSet<String>) -> Server {
    let (data, ids) = (Data::new(set.clone()), Data::new(Ids::default()));
    serve(move |app| {
        app.app_data(data.clone())
            .app_data(ids.clone())
            .service(ereo_runtime::routes().unwrap().only(module_path!()));
    })
}

#[sse("/relay/feed")]
async fn feed(set: Data<ClientSet<String>>, last: LastEventId) -> Subscription<String> {
    set.subscribe(last)
}

/// Every other message, of those that end with a number.
#[sse("/relay/even")]
async fn even(set: Data<ClientSet<String>>, last: LastEventId) -> Subscription<String> {
    set.subscribe(last).filter(|text| number(text).is_some_and(|n| n % 2 == 0))
}

#[sse("/relay/beating", heartbeat = "50ms")]
async fn beating(set: Data<ClientSet<String>>, last: LastEventId) -> Subscription<String> {
    set.subscribe(last)
}

#[sse("/relay/expiring")]
async fn expiring(set: Data<ClientSet<String>>, last: LastEventId) -> Subscription<String> {
    set.subscribe(last).expires_at(Duration::from_millis(300))
}

/// Whom the sockets of a server are.
#[derive(Default)]
struct Ids(Mutex<Vec<ClientId>>);

/// Says to all, then to itself, then to all others, in turns, as often as it is told; in two sets.
#[websocket("/relay/ws")]
async fn turns(
    mut socket: Socket<u32, String>,
    set: Data<ClientSet<String>>,
    ids: Data<Ids>,
) -> Result<(), SocketError> {
    let seat = set.join(&socket)?;
    ids.0.lock().unwrap().push(seat.id());
    let room = set.room("second");
    let second = room.join(&socket)?;
    socket.send(&"joined".to_owned()).await?;
    while let Some(times) = socket.recv().await? {
        for n in 0..times {
            seat.broadcast(&format!("all {n}"))?;
            socket.send(&format!("own {n}")).await?;
            seat.broadcast_others(&format!("others {n}"))?;
            second.broadcast(&format!("second {n}"))?;
        }
    }
    Ok(())
}

fn number(text: &str) -> Option<u64> {
    text.rsplit(' ').next()?.parse().ok()
}

fn readers(server: &Server, path: &str, count: usize) -> Vec<Client> {
    let connect = |_| {
        let mut client = Client::get(server.address, path);
        client.read_until(|client| client.events.retry.is_some());
        client
    };
    (0..count).map(connect).collect()
}

fn sockets(server: &Server, count: usize) -> Vec<WebSocket<TcpStream>> {
    (0..count).map(|_| joined(server.address, "/relay/ws")).collect()
}

#[test]
fn every_reader_gets_every_message_once_and_in_order() {
    let set = keeping_all();
    let server = server(&set);
    let mut all = readers(&server, "/relay/feed", CROWD);
    let mut some = readers(&server, "/relay/even", 3);
    for n in 0..1_000 {
        set.broadcast(&format!("message {n}")).unwrap();
        // One that comes in the middle of it gets the rest.
        if n == 500 {
            all.extend(readers(&server, "/relay/feed", 1));
        }
    }
    for (client, late) in all.iter_mut().zip((0..).map(|n| n == CROWD)) {
        let first = if late { 501 } else { 0 };
        for n in first..1_000 {
            assert_eq!(client.data(), format!("message {n}"));
        }
    }
    for client in &mut some {
        for n in (0..1_000).step_by(2) {
            assert_eq!(client.data(), format!("message {n}"));
        }
    }
}

/// A reader whose socket is full in the middle of a message gets the rest of it first, and then all that
/// came meanwhile.
#[test]
fn a_reader_that_stalls_in_the_middle_of_a_message_loses_nothing() {
    let set = keeping_all();
    let server = server(&set);
    let mut clients = readers(&server, "/relay/feed", CROWD);
    let mut stalled = clients.split_off(CROWD - 2);
    let filler = "x".repeat(10_007);
    for first in (0..2_000).step_by(8) {
        for n in first..first + 8 {
            set.broadcast(&format!("{filler} {n}")).unwrap();
        }
        for client in &mut clients {
            for n in first..first + 8 {
                assert_eq!(number(&client.data()), Some(n));
            }
        }
    }
    for client in &mut stalled {
        for n in 0..2_000 {
            let data = client.data();
            assert_eq!(
                (data.len(), number(&data)),
                (filler.len() + 1 + n.to_string().len(), Some(n))
            );
        }
    }
    // They are served like the others again.
    set.broadcast(&"behind 1".to_owned()).unwrap();
    for client in clients.iter_mut().chain(&mut stalled) {
        assert_eq!(client.data(), "behind 1");
    }
}

/// What is sent to one connection and what is broadcast keep their order, whoever writes; and frames of
/// two sets do not get into each other.
#[test]
fn what_a_handler_sends_and_broadcasts_keeps_its_order() {
    const TIMES: u64 = 500;
    let server = server(&keeping_all());
    let mut crowd = sockets(&server, CROWD);
    let teller = &mut crowd[0];
    teller.send(Frame::text(TIMES.to_string())).unwrap();
    let mut own = Vec::new();
    let mut second = 0;
    while own.len() < 2 * TIMES as usize || second < TIMES {
        let told = text(teller);
        if told.starts_with("second") {
            assert_eq!(told, format!("second {second}"));
            second += 1;
        } else {
            own.push(told);
        }
    }
    let expected = (0..TIMES).flat_map(|n| [format!("all {n}"), format!("own {n}")]);
    assert_eq!(own, expected.collect::<Vec<_>>());
    for other in &mut crowd[1..] {
        let (mut first, mut second) = (Vec::new(), 0);
        while first.len() < 2 * TIMES as usize || second < TIMES {
            let told = text(other);
            if told.starts_with("second") {
                assert_eq!(told, format!("second {second}"));
                second += 1;
            } else {
                first.push(told);
            }
        }
        let expected = (0..TIMES).flat_map(|n| [format!("all {n}"), format!("others {n}")]);
        assert_eq!(first, expected.collect::<Vec<_>>());
    }
}

/// From another thread too: a `send_to` is not overtaken by the broadcast behind it.
#[test]
fn what_another_thread_sends_keeps_its_order() {
    let set = keeping_all();
    let data = Data::new(set.clone());
    let ids = Data::new(Ids::default());
    let theirs = ids.clone();
    let server = serve_with(2, Duration::from_secs(5), move |app| {
        app.app_data(data.clone())
            .app_data(theirs.clone())
            .service(ereo_runtime::routes().unwrap().only(module_path!()));
    });
    let mut crowd = sockets(&server, CROWD);
    thread::scope(|threads| {
        for socket in &mut crowd {
            threads.spawn(|| {
                let (mut alone, mut all) = (0, 0);
                while all < 2_000 {
                    let told = text(socket);
                    let n = number(&told).unwrap();
                    if told.starts_with("alone") {
                        // Behind the broadcast before it, before the one behind it.
                        assert_eq!(n, all, "{told}");
                        alone += 1;
                    } else {
                        assert_eq!(n, all, "{told}");
                        all += 1;
                    }
                }
                assert!(alone > 0);
            });
        }
        threads.spawn(|| {
            let clients = ids.0.lock().unwrap().clone();
            for n in 0..2_000_u64 {
                for (at, client) in clients.iter().enumerate() {
                    // A mailbox that is full takes no more for now: that is its reader's loss.
                    if at as u64 % 4 == n % 4 {
                        let _ = set.send_to(*client, &format!("alone {n}"));
                    }
                }
                set.broadcast(&format!("all {n}")).unwrap();
            }
        });
    });
}

/// Credentials that end stop what others write as well.
#[test]
fn nothing_is_sent_behind_the_end_of_the_credentials() {
    let set = keeping_all();
    let server = server(&set);
    let mut clients = readers(&server, "/relay/expiring", CROWD);
    // How many messages somebody has read.
    let read = AtomicU64::new(0);
    thread::scope(|threads| {
        threads.spawn(|| {
            let mut n = 0;
            while !set.is_empty() {
                // No faster than it is read, so that nobody lags.
                if n < read.load(Ordering::Relaxed) + 16 {
                    set.broadcast(&format!("message {n}")).unwrap();
                    n += 1;
                }
                thread::yield_now();
            }
        });
        for client in &mut clients {
            threads.spawn(|| {
                let mut next = 0;
                loop {
                    let event = client.event().expect("an event before the end");
                    if event.event == "ereo.expired" {
                        break;
                    }
                    assert_eq!(event.data, format!("message {next}"));
                    next += 1;
                    read.fetch_max(next, Ordering::Relaxed);
                }
                assert!(client.event().is_none());
            });
        }
    });
}

/// A reader that others send for is told that the server is there all the same, behind each message anew.
#[test]
fn silence_behind_what_others_sent_ends_with_a_heartbeat() {
    let set = keeping_all();
    let server = server(&set);
    let mut clients = readers(&server, "/relay/beating", CROWD);
    for n in 0..4 {
        set.broadcast(&format!("message {n}")).unwrap();
        for client in &mut clients {
            assert_eq!(client.data(), format!("message {n}"));
            let before = client.events.comments;
            client.read_until(|client| client.events.comments > before);
        }
    }
}
