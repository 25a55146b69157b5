//! Readers that find several messages at once and write for themselves: through actix's dispatcher, and,
//! being too few for a relay, over sockets of their own. They get the messages in one piece, and none
//! may notice.

use std::net::TcpStream;
use std::sync::Mutex;
use std::thread;
use std::time::Duration;

use actix_web::HttpResponse;
use actix_web::web;
use ereo_runtime::ClientId;
use ereo_runtime::prelude::*;
use tungstenite::WebSocket;

use crate::support::socket::{joined, text};
use crate::support::{Client, Server, get, serve_as};

/// As many as share what one of them has put together, and fewer than a relay needs.
const READERS: usize = 4;

type Work = Box<dyn FnOnce() + Send>;

/// What the server's one thread is to do next, and the sockets that are open, in the order in which
/// they came.
#[derive(Default)]
struct Shared {
    work: Mutex<Option<Work>>,
    ids: Mutex<Vec<ClientId>>,
}

struct Setup {
    set: ClientSet<String>,
    shared: Data<Shared>,
    server: Server,
}

#[sse("/batches/feed", heartbeat = "off")]
async fn feed(set: Data<ClientSet<String>>, last: LastEventId) -> Subscription<String> {
    set.subscribe(last)
}

#[sse("/batches/brief", heartbeat = "off")]
async fn brief(set: Data<ClientSet<String>>, last: LastEventId) -> Subscription<String> {
    set.subscribe(last).expires_at(Duration::from_millis(500))
}

#[websocket("/batches/ws")]
async fn seats(
    mut socket: Socket<String, String>,
    set: Data<ClientSet<String>>,
    shared: Data<Shared>,
) -> Result<(), SocketError> {
    let seat = set.join(&socket)?;
    shared.ids.lock().unwrap().push(seat.id());
    socket.send(&"joined".to_owned()).await?;
    while socket.recv().await?.is_some() {}
    Ok(())
}

/// Runs the test over either path.
fn over_both(set: impl Fn() -> ClientSet<String>, test: impl Fn(Setup)) {
    for lean in [false, true] {
        let (set, shared) = (set(), Data::new(Shared::default()));
        let (data, theirs) = (Data::new(set.clone()), shared.clone());
        let server = serve_as(
            1,
            Duration::from_secs(5),
            move |realtime| realtime.direct_writes(lean),
            move |app| {
                let work = |shared: Data<Shared>| async move {
                    let work = shared.work.lock().unwrap().take();
                    work.unwrap()();
                    HttpResponse::Ok().finish()
                };
                app.app_data(data.clone())
                    .app_data(theirs.clone())
                    .route("/batches/work", web::get().to(work))
                    .service(ereo_runtime::routes().unwrap().only(module_path!()));
            },
        );
        test(Setup { set, shared, server });
    }
}

impl Setup {
    /// Does it on the server's thread, so that its readers find all that it broadcasts at once.
    fn at_once(&self, work: impl FnOnce(&ClientSet<String>, &[ClientId]) + Send + 'static) {
        let set = self.set.clone();
        let ids = self.shared.ids.lock().unwrap().clone();
        *self.shared.work.lock().unwrap() = Some(Box::new(move || work(&set, &ids)));
        assert_eq!(get(self.server.address, "/batches/work").status, 200);
    }

    fn reader(&self, path: &str) -> Client {
        let mut client = Client::get(self.server.address, path);
        client.read_until(|client| client.events.retry.is_some());
        client
    }

    fn readers(&self, path: &str) -> Vec<Client> {
        (0..READERS).map(|_| self.reader(path)).collect()
    }

    fn sockets(&self) -> Vec<WebSocket<TcpStream>> {
        (0..READERS).map(|_| joined(self.server.address, "/batches/ws")).collect()
    }
}

fn all(set: &ClientSet<String>, numbers: std::ops::Range<u64>) {
    for n in numbers {
        set.broadcast(&format!("all {n}")).unwrap();
    }
}

#[test]
fn what_is_broadcast_at_once_is_one_chunk() {
    over_both(ClientSet::new, |setup| {
        let mut clients = setup.readers("/batches/feed");
        for burst in 0..3 {
            setup.at_once(move |set, _| all(set, burst * 16..(burst + 1) * 16));
            for client in &mut clients {
                assert_eq!(client.data(), format!("all {}", burst * 16));
                // Over a socket of its own each message has its chunk.
                if client.header("connection") != Some("close") {
                    let read = String::from_utf8_lossy(&client.body);
                    assert!(read.contains(&format!("all {}\n", burst * 16 + 15)), "{read}");
                }
                for n in burst * 16 + 1..(burst + 1) * 16 {
                    assert_eq!(client.data(), format!("all {n}"));
                }
            }
        }
    });
}

/// Of every size, the messages stay whole, in order, each with its position; wherever a reader stands.
#[test]
fn readers_at_different_places_get_what_is_behind_them() {
    let keeping_all = || ClientSet::builder().history(10_000).max_bytes(1 << 30).build();
    over_both(keeping_all, |setup| {
        let before = setup.set.position();
        let sized = |n: u64| {
            let size = [1, 150, 3_000, 20_000, 50_000, 10][n as usize % 6];
            format!("{n} {}", "x".repeat(size))
        };
        let offset = |n: u64| format!("{}-{n}", before.epoch());
        let mut at_the_end = setup.readers("/batches/feed");
        setup.at_once(move |set, _| {
            (0..150).for_each(|n| {
                set.broadcast(&sized(n)).unwrap();
            })
        });
        let behind = |n: u64| setup.reader(&format!("/batches/feed?lastEventID={}", offset(n)));
        let mut late: Vec<_> = [1, 70, 100, 149].map(|n| (n, behind(n))).into();
        setup.at_once(move |set, _| {
            (150..200).for_each(|n| {
                set.broadcast(&sized(n)).unwrap();
            })
        });
        late.extend(at_the_end.drain(..).map(|client| (0, client)));
        thread::scope(|threads| {
            for (first, client) in &mut late {
                threads.spawn(|| {
                    for n in *first..200 {
                        let event = client.event().unwrap();
                        assert!(event.data == sized(n), "{n}: {:.40}", event.data);
                        assert_eq!(event.last_event_id, offset(n + 1));
                    }
                });
            }
        });
        // Whoever comes back with the last one misses nothing.
        let mut back = behind(200);
        setup.set.broadcast(&"last".to_owned()).unwrap();
        assert_eq!(back.data(), "last");
    });
}

/// Another thread's sends stand where they were made, in the middle of what is found at once.
#[test]
fn what_another_thread_sends_stays_in_the_middle() {
    over_both(ClientSet::new, |setup| {
        let mut sockets = setup.sockets();
        for burst in 0..3 {
            setup.at_once(move |set, ids| {
                thread::scope(|threads| {
                    threads.spawn(|| {
                        for n in burst * 12..(burst + 1) * 12 {
                            all(set, n..n + 1);
                            // Each at other places; some twice, some before and behind all.
                            for (at, id) in ids.iter().enumerate() {
                                if n.is_multiple_of(at as u64 + 2) {
                                    set.send_to(*id, &format!("alone {n}")).unwrap();
                                    set.send_to(*id, &format!("again {n}")).unwrap();
                                }
                            }
                        }
                    });
                });
            });
            for (at, socket) in sockets.iter_mut().enumerate() {
                for n in burst * 12..(burst + 1) * 12 {
                    assert_eq!(text(socket), format!("all {n}"));
                    if n.is_multiple_of(at as u64 + 2) {
                        assert_eq!(text(socket), format!("alone {n}"));
                        assert_eq!(text(socket), format!("again {n}"));
                    }
                }
            }
        }
    });
}

#[test]
fn whom_a_message_leaves_out_gets_those_around_it() {
    over_both(ClientSet::new, |setup| {
        let mut sockets = setup.sockets();
        // Who is left out of which.
        let out_of = |at: usize, n: u64| match at {
            0 => n == 5,
            1 => n == 0 || n == 9 || n == 10,
            2 => n >= 12,
            _ => false,
        };
        setup.at_once(move |set, ids| {
            for n in 0..16 {
                let message = format!("all {n}");
                match (0..READERS).find(|at| out_of(*at, n)) {
                    Some(at) => set.broadcast_except(ids[at], &message).unwrap(),
                    None => set.broadcast(&message).unwrap(),
                };
            }
        });
        setup.at_once(|set, _| all(set, 16..18));
        for (at, socket) in sockets.iter_mut().enumerate() {
            for n in (0..18).filter(|n| *n >= 16 || !out_of(at, *n)) {
                assert_eq!(text(socket), format!("all {n}"), "{at}");
            }
        }
    });
}

/// However few messages a set keeps for those who come back.
#[test]
fn a_burst_of_more_than_the_history_overtakes_nobody() {
    let short = || ClientSet::builder().history(8).on_lag(OnLag::SkipToOldest).build();
    over_both(short, |setup| {
        let mut clients = setup.readers("/batches/feed");
        let mut sockets = setup.sockets();
        setup.at_once(|set, _| all(set, 0..200));
        for client in &mut clients {
            (0..200).for_each(|n| assert_eq!(client.data(), format!("all {n}")));
        }
        for socket in &mut sockets {
            (0..200).for_each(|n| assert_eq!(text(socket), format!("all {n}")));
        }
    });
}

/// The others go on with what is put together behind the end of a reader's credentials.
#[test]
fn credentials_that_end_between_two_batches_end_the_reader() {
    over_both(ClientSet::new, |setup| {
        let mut clients = setup.readers("/batches/feed");
        let mut ending = setup.readers("/batches/brief");
        setup.at_once(|set, _| all(set, 0..8));
        for client in &mut ending {
            (0..8).for_each(|n| assert_eq!(client.data(), format!("all {n}")));
            assert_eq!(client.event().unwrap().event, "ereo.expired");
        }
        setup.at_once(|set, _| all(set, 8..16));
        for client in &mut ending {
            assert!(client.event().is_none());
        }
        for client in &mut clients {
            (0..16).for_each(|n| assert_eq!(client.data(), format!("all {n}")));
        }
    });
}

#[test]
fn what_was_broadcast_at_once_before_the_set_closed_goes_out() {
    over_both(ClientSet::new, |setup| {
        let mut clients = setup.readers("/batches/feed");
        setup.at_once(|set, _| all(set, 0..16));
        let Setup { set, shared, mut server } = setup;
        server.begin_drain();
        for client in &mut clients {
            (0..16).for_each(|n| assert_eq!(client.data(), format!("all {n}")));
            assert!(client.event().is_none());
        }
        drop((set, shared));
    });
}
