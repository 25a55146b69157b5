//! Prints an event stream in a terminal, across restarts of its server. With the example `events` running:
//! `cargo run --example tail -- http://127.0.0.1:8080/api/feed [LAST-EVENT-ID]`; `TOKEN` from the environment is
//! sent as `authorization: Bearer ..`. Events go to standard output, a line each, and all else to standard error.

use std::error::Error;
use std::io::{self, Write};

use ereo_runtime::Event;
use ereo_runtime::client::{Client, Events, News};

/// Follows until the stream is finished, or ended for good.
async fn tail(
    events: &mut Events<Event>,
    out: &mut impl Write,
    notes: &mut impl Write,
) -> Result<(), Box<dyn Error>> {
    loop {
        match events.next().await {
            Ok(None) => return Ok(()),
            Ok(Some(News::Message(received))) => {
                let name = received.name.as_deref().unwrap_or("message");
                let data = received.data.data_str().unwrap_or_default().replace('\n', "\\n");
                writeln!(out, "{name} {data}")?;
                out.flush()?;
            }
            Ok(Some(News::Reset(reset))) => writeln!(notes, "-- {reset}")?,
            Ok(Some(News::Open)) => writeln!(notes, "-- connected")?,
            Ok(Some(News::Lost { cause, again_in })) => {
                writeln!(notes, "-- {cause}; again in {:.1} s", again_in.as_secs_f64())?;
            }
            Ok(Some(_)) => {}
            Err(error) if error.is_final() => return Err(error.into()),
            Err(error) => writeln!(notes, "-- {error}")?,
        }
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    ereo_examples::trace();
    let mut arguments = std::env::args().skip(1);
    let url = arguments.next().ok_or("usage: tail URL [LAST-EVENT-ID]")?;
    let mut target = Client::new().at(&url)?.after_id(arguments.next().unwrap_or_default());
    if let Ok(token) = std::env::var("TOKEN") {
        target = target.header("authorization", &format!("Bearer {token}"));
    }
    let mut events = target.events::<Event>();
    let (mut out, mut notes) = (io::stdout(), io::stderr());
    let interrupted = tokio::select! {
        ended = tail(&mut events, &mut out, &mut notes) => return ended,
        interrupted = tokio::signal::ctrl_c() => interrupted,
    };
    interrupted?;
    // From here it goes on without a gap, as long as the server keeps what was sent.
    eprintln!("-- tail {url} {}", events.last_event_id());
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;
    use std::thread::JoinHandle;

    use actix_web::dev::ServerHandle;
    use ereo_runtime::prelude::*;

    use super::*;

    #[sse("/tail/feed", retry = "20ms")]
    async fn feed(set: Data<ClientSet<Event>>, last: LastEventId) -> Subscription<Event> {
        set.subscribe(last)
    }

    struct Server {
        address: SocketAddr,
        handle: ServerHandle,
        thread: JoinHandle<()>,
    }

    impl Server {
        fn start(set: &ClientSet<Event>, at: Option<SocketAddr>) -> Self {
            let (set, (tell, told)) = (Data::new(set.clone()), std::sync::mpsc::channel());
            let thread = std::thread::spawn(move || {
                let served = actix_web::rt::System::new().block_on(async move {
                    let routes = ereo_runtime::routes().unwrap();
                    let app = move || App::new().app_data(set.clone()).service(routes.clone());
                    let drain = Drain::within(Duration::from_secs(2)).on(std::future::pending());
                    let server = HttpServer::new(app).workers(1).realtime(drain);
                    let server = server.bind(at.unwrap_or(([127, 0, 0, 1], 0).into()))?;
                    let address = server.addrs()[0];
                    let running = server.run();
                    tell.send((address, running.handle())).unwrap();
                    running.await
                });
                served.unwrap();
            });
            let (address, handle) = told.recv().unwrap();
            Self { address, handle, thread }
        }

        /// Cuts all connections without a word.
        fn kill(self) -> SocketAddr {
            drop(self.handle.stop(false));
            self.thread.join().unwrap();
            self.address
        }
    }

    fn number(number: u64) -> Event {
        Event::new(number.to_string()).event("number").unwrap()
    }

    /// Tails until so many lines are out; gives the lines and the notes.
    async fn lines(events: &mut Events<Event>, count: usize) -> (Vec<String>, String) {
        struct Lines<'a>(&'a mut Vec<u8>, usize);
        impl Write for Lines<'_> {
            fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
                self.0.write(bytes)
            }
            fn flush(&mut self) -> io::Result<()> {
                let lines = self.0.iter().filter(|byte| **byte == b'\n').count();
                if lines == self.1 { Err(io::ErrorKind::Interrupted.into()) } else { Ok(()) }
            }
        }
        let (mut out, mut notes) = (Vec::new(), Vec::new());
        let tailing = async {
            tail(events, &mut Lines(&mut out, count), &mut notes).await.unwrap_err();
        };
        tokio::time::timeout(Duration::from_secs(20), tailing).await.expect("so many lines come");
        let out = String::from_utf8(out).unwrap();
        (out.lines().map(str::to_owned).collect(), String::from_utf8(notes).unwrap())
    }

    #[tokio::test]
    async fn killed_and_started_again_nothing_is_lost_or_doubled_and_a_reset_is_told() {
        let set = ClientSet::<Event>::new();
        let mut server = Server::start(&set, None);
        let url = format!("http://{}{}", server.address, feed::ROUTE);
        let mut events = Client::new().at(&url).unwrap().after(set.position()).events();
        let mut expected = 0;
        for _ in 0..3 {
            // Some are there before the kill, some come while nobody serves, some when it is up again.
            for step in 0..3 {
                for n in 0..10 {
                    set.broadcast(&number(expected + step * 10 + n)).unwrap();
                }
                if step == 0 {
                    let address = server.kill();
                    server = Server::start(&set, Some(address));
                }
            }
            let (lines, notes) = lines(&mut events, 30).await;
            let numbers = Vec::from_iter((expected..expected + 30).map(|n| format!("number {n}")));
            assert_eq!(lines, numbers);
            assert!(!notes.contains("missing"), "{notes}");
            expected += 30;
        }

        // Another life: what it had is gone, and that is told.
        let address = server.kill();
        let set = ClientSet::<Event>::new();
        let _server = Server::start(&set, Some(address));
        let broadcast = async {
            // Until the tail is there again.
            while set.is_empty() {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            set.broadcast(&number(0)).unwrap();
        };
        let ((lines, notes), ()) = tokio::join!(lines(&mut events, 1), broadcast);
        assert_eq!(lines, ["number 0"]);
        assert!(notes.contains("-- messages are missing (epoch)"), "{notes}");
        assert!(notes.contains("again in") && notes.contains("-- connected"), "{notes}");
    }
}
