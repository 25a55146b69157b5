//! `publish`: what a publisher pays for a message itself, by the number of readers: event streams of a set, and
//! tasks that read tokio's `broadcast`. `bench/run publish` calls it.
//!
//! The readers are on one worker's thread; the publisher is a task there, or the main thread. The next message is
//! published when the one before has had time to go out, so that what is measured is the call alone.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, sync_channel};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use actix_web::{App, HttpServer, rt};
use ereo_life::Result;
use ereo_runtime::prelude::*;
use tokio::sync::broadcast;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

const READERS: [usize; 3] = [1, 100, 9_000];
const MESSAGES: u32 = 400;
/// A message of about the size of a dashboard's.
const SIZE: usize = 150;
/// What a delivery to one reader takes at most, and a worker's turn.
const A_DELIVERY: Duration = Duration::from_micros(20);
const A_TURN: Duration = Duration::from_millis(2);

/// A set's messages.
#[sse("/feed")]
async fn feed(set: Data<ClientSet<String>>, last: LastEventId) -> Subscription<String> {
    set.subscribe(last)
}

/// Publishes once; all of them together are one kind of publisher.
type Publish = Box<dyn Fn() + Send>;

fn main() -> Result<()> {
    raise_files()?;
    println!(
        "| a publish, µs: median (99 of 100) | from the readers' thread | from another |\n|---|---|---|"
    );
    for readers in READERS {
        let figures = streams(readers)?;
        println!("| Ereo, {readers} event streams | {} | {} |", figures[0], figures[1]);
        let figures = receivers(readers)?;
        println!("| tokio's `broadcast`, {readers} tasks | {} | {} |", figures[0], figures[1]);
    }
    Ok(())
}

/// Event streams over sockets, on one worker.
fn streams(readers: usize) -> Result<[String; 2]> {
    let set = ClientSet::<String>::new();
    let listener = TcpListener::bind(("127.0.0.1", 0))?;
    let address = listener.local_addr()?;
    let (on_worker, worker) = worker(readers);
    let served = set.clone();
    let (started, handle) = sync_channel(1);
    let thread = std::thread::spawn(move || {
        rt::System::new().block_on(async move {
            let routes = ereo_runtime::routes().expect("one route");
            let worker = Arc::new(Mutex::new(Some(worker)));
            let server = HttpServer::new(move || {
                // This is run on the worker's thread.
                let worker = worker.lock().map(|mut worker| worker.take());
                if let Ok(Some(worker)) = worker {
                    rt::spawn(worker);
                }
                App::new().app_data(Data::new(served.clone())).service(routes.clone())
            });
            let server = server
                .workers(1)
                .realtime(Realtime::new(Drain::within(A_TURN)))
                .listen(listener)?
                .run();
            // Who waits for it is there until it comes.
            let _ = started.send(server.handle());
            server.await
        })
    });
    let server = handle.recv()?;
    let clients = (0..readers).map(|_| open(address)).collect::<Result<Vec<_>>>()?;
    let message = "m".repeat(SIZE);
    let publish = move || {
        // Everybody counts as told: nobody here reads, and what is sent fits into the sockets.
        let _ = set.broadcast(&message);
    };
    let figures = measure(Box::new(publish.clone()), Box::new(publish), &on_worker, readers)?;
    drop(clients);
    rt::System::new().block_on(server.stop(false));
    thread.join().map_err(|_| "the server panicked")??;
    Ok(figures)
}

/// Opens a stream, and waits for its head.
fn open(address: SocketAddr) -> Result<TcpStream> {
    let mut socket = TcpStream::connect(address)?;
    socket.write_all(b"GET /feed HTTP/1.1\r\nhost: localhost\r\n\r\n")?;
    let mut head = [0; 12];
    socket.read_exact(&mut head)?;
    if &head != b"HTTP/1.1 200" {
        return Err(format!("refused: {}", String::from_utf8_lossy(&head)).into());
    }
    Ok(socket)
}

/// Tasks that receive, on one thread.
fn receivers(readers: usize) -> Result<[String; 2]> {
    let (sender, receiver) = broadcast::channel::<String>(1024);
    let (on_worker, worker) = worker(readers);
    std::thread::spawn(move || {
        rt::System::new().block_on(async move {
            for mut receiver in (0..readers).map(|_| receiver.resubscribe()) {
                rt::spawn(async move { while receiver.recv().await.is_ok() {} });
            }
            drop(receiver);
            worker.await;
        });
    });
    let message = "m".repeat(SIZE);
    let publish = move || {
        // Before the first task has begun there may be nobody.
        let _ = sender.send(message.clone());
    };
    measure(Box::new(publish.clone()), Box::new(publish), &on_worker, readers)
}

/// What a thread is told to publish with, and where it says how long each call took.
struct OnWorker {
    jobs: UnboundedSender<Publish>,
    took: Receiver<Vec<Duration>>,
}

/// A task that publishes where it is polled.
fn worker(readers: usize) -> (OnWorker, impl Future<Output = ()> + Send) {
    let (jobs, mut received): (_, UnboundedReceiver<Publish>) = unbounded_channel();
    let (done, took) = sync_channel(1);
    let task = async move {
        while let Some(publish) = received.recv().await {
            let mut took = Vec::new();
            for _ in 0..MESSAGES {
                tokio::time::sleep(A_TURN + A_DELIVERY * readers as u32).await;
                took.push(timed(&publish));
            }
            if done.send(took).is_err() {
                return;
            }
        }
    };
    (OnWorker { jobs, took }, task)
}

fn timed(publish: &Publish) -> Duration {
    let begin = Instant::now();
    publish();
    begin.elapsed()
}

/// The figures of a publisher on the readers' thread and of one on another.
fn measure(
    there: Publish,
    here: Publish,
    worker: &OnWorker,
    readers: usize,
) -> Result<[String; 2]> {
    worker.jobs.send(there).map_err(|_| "the worker has ended")?;
    let there = worker.took.recv()?;
    let mut took = Vec::new();
    for _ in 0..MESSAGES {
        std::thread::sleep(A_TURN + A_DELIVERY * readers as u32);
        took.push(timed(&here));
    }
    Ok([figures(there), figures(took)])
}

fn figures(mut took: Vec<Duration>) -> String {
    took.sort_unstable();
    let at = |part: usize| took[(took.len() * part / 100).min(took.len() - 1)];
    let micros = |time: Duration| time.as_nanos() as f64 / 1e3;
    format!("{:.1} ({:.1})", micros(at(50)), micros(at(99)))
}

/// Two descriptors a reader: the client's is in this process.
fn raise_files() -> Result<()> {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let maximum = getrlimit(Resource::Nofile).maximum;
    Ok(setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum })?)
}
