//! Servers on a port of their own that come and go.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener};
use std::thread;
use std::time::Duration;

use actix_web::web::ServiceConfig;
use actix_web::{App, HttpServer};
use ereo_runtime::client::{Client, Events, FromEvent, FromSocket, Lost, News, Reset, Socket};
use ereo_runtime::prelude::*;
use ereo_runtime::{Backoff, Jitter};
use tokio::time::timeout;

/// Longer than anything here takes.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// Comes back at once.
pub fn at_once() -> Backoff {
    Backoff { base: Duration::from_millis(5), jitter: Jitter::None, ..Backoff::default() }
}

/// A server that can be stopped, and started again at the same address.
pub struct Server {
    pub address: SocketAddr,
    drain: ereo_runtime::DrainHandle,
    handle: actix_web::dev::ServerHandle,
    thread: Option<thread::JoinHandle<()>>,
}

impl Server {
    pub fn start(
        address: Option<SocketAddr>,
        configure: impl Fn(&mut ServiceConfig) + Send + Clone + 'static,
    ) -> Self {
        let (tell, told) = std::sync::mpsc::channel();
        let lean = std::env::var_os("LEAN").is_none_or(|lean| lean != "off");
        let thread = thread::spawn(move || {
            let served = actix_web::rt::System::new().block_on(async move {
                let drain = Drain::within(Duration::from_secs(4)).spread(Duration::ZERO);
                let drain = drain.on(std::future::pending());
                let handle = drain.handle();
                let server = HttpServer::new(move || App::new().configure(configure.clone()))
                    .workers(1)
                    .realtime(Realtime::new(drain).direct_writes(lean))
                    .bind(address.unwrap_or(([127, 0, 0, 1], 0).into()))?;
                let address = server.addrs()[0];
                let running = server.run();
                tell.send((address, handle, running.handle())).unwrap();
                running.await
            });
            served.expect("the server ran");
        });
        let (address, drain, handle) = told.recv().expect("the server is bound");
        Self { address, drain, handle, thread: Some(thread) }
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Tells all clients to come back.
    pub fn drain(mut self) -> SocketAddr {
        self.drain.begin();
        self.join()
    }

    /// Cuts all connections without a word.
    pub fn kill(mut self) -> SocketAddr {
        drop(self.handle.stop(false));
        self.join()
    }

    fn join(&mut self) -> SocketAddr {
        self.thread.take().unwrap().join().unwrap();
        self.address
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if self.thread.is_some() {
            drop(self.handle.stop(false));
            self.join();
        }
    }
}

/// A server that answers one connection after the other with these bytes, and leaves them open, or closes
/// where the bytes end with `CLOSE`. Gives the heads of the requests.
pub fn scripted(answers: Vec<String>) -> (String, std::sync::mpsc::Receiver<String>) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let url = format!("http://{}/feed?a=b", listener.local_addr().unwrap());
    let (tell, heads) = std::sync::mpsc::channel();
    thread::spawn(move || {
        let mut open = Vec::new();
        for answer in answers {
            let (mut socket, _) = listener.accept().unwrap();
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                let mut byte = [0];
                socket.read_exact(&mut byte).unwrap();
                head.push(byte[0]);
            }
            let _ = tell.send(String::from_utf8(head).unwrap().to_ascii_lowercase());
            let closes = answer.strip_suffix("CLOSE");
            // A client that has enough closes first.
            let _ = socket.write_all(closes.unwrap_or(&answer).as_bytes());
            if closes.is_none() {
                open.push(socket);
            }
        }
        thread::park();
    });
    (url, heads)
}

/// The head of an event stream that ends with its connection, and what is in it.
pub fn stream(body: &str) -> String {
    format!("HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n{body}")
}

pub fn client() -> Client {
    Client::new()
}

/// What comes next, in time.
pub async fn next<T: FromEvent>(
    events: &mut Events<T>,
) -> Result<Option<News<T>>, ereo_runtime::client::Error> {
    timeout(PATIENCE, events.next()).await.expect("something comes")
}

/// The next message; what is told before it is told to `said`.
pub async fn message<T: FromEvent + std::fmt::Debug>(
    events: &mut Events<T>,
    said: &mut Vec<Said>,
) -> T {
    loop {
        match next(events).await.unwrap().expect("the stream goes on") {
            News::Message(received) => return received.data,
            News::Reset(reset) => said.push(Said::Reset(reset)),
            News::Open => said.push(Said::Open),
            News::Lost { cause, .. } => said.push(Said::Lost(cause)),
            other => panic!("{other:?}"),
        }
    }
}

/// The same of a socket.
pub async fn heard<In: FromSocket + std::fmt::Debug, Out: Message>(
    socket: &mut Socket<In, Out>,
    said: &mut Vec<Said>,
) -> In {
    loop {
        let next = timeout(PATIENCE, socket.next()).await.expect("something comes");
        match next.unwrap().expect("the socket goes on") {
            News::Message(received) => return received.data,
            News::Reset(reset) => said.push(Said::Reset(reset)),
            News::Open => said.push(Said::Open),
            News::Lost { cause, .. } => said.push(Said::Lost(cause)),
            other => panic!("{other:?}"),
        }
    }
}

/// What is no message.
#[derive(Debug, Clone, PartialEq)]
pub enum Said {
    Open,
    Reset(Reset),
    Lost(Lost),
}
