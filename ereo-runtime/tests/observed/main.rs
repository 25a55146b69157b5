//! What the metrics and the spans say of a connection. One test: the recorder is the process's.

#[path = "../http/support/mod.rs"]
#[allow(dead_code, unused_imports)]
mod support;

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use actix_web::web::{self, Data};
use actix_web::{HttpRequest, HttpResponse};
use ereo_runtime::{
    ClientSet, Connection, Ending, Event, LastEventId, Limits, OnLag, ProxyHeader, RoomRefused,
    Socket, Subscription, Who, sse, websocket,
};
use futures_util::Stream;
use metrics_util::debugging::{DebugValue, DebuggingRecorder, Snapshotter};
use support::{Client, Server, get, serve, serve_limited};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event as Logged, Level};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};

/// So many that a relay writes for them.
const CROWD: usize = 10;

/// So few that they write for themselves, on either path.
const SEATS: usize = 3;

#[sse("/observed/crowd")]
async fn crowd(set: Data<ClientSet<Event>>, last: LastEventId) -> Subscription<Event> {
    set.subscribe(last)
}

/// The set of the sockets.
struct Seated(ClientSet<String>);

/// Broadcasts 16 messages on the thread of their readers, who find them all at once.
async fn burst(crowd: Data<ClientSet<Event>>, seated: Data<Seated>) -> HttpResponse {
    for n in 0..16 {
        crowd.broadcast(&Event::new(format!("at once {n}"))).unwrap();
        seated.0.broadcast(&format!("at once {n:02}")).unwrap();
    }
    HttpResponse::Ok().finish()
}

#[websocket("/observed/seats")]
async fn seats(
    socket: Socket<String, String>,
    seated: Data<Seated>,
) -> Result<(), ereo_runtime::SocketError> {
    let _seat = seated.0.join(&socket)?;
    socket.connection().ended().await;
    Ok(())
}

// No heartbeat, which would count as a message.
#[sse("/observed/{room}", heartbeat = "off")]
async fn feed(
    room: String,
    set: Data<ClientSet<String>>,
    last: LastEventId,
) -> Result<Subscription<String>, actix_web::Error> {
    if room == "locked" {
        return Err(actix_web::error::ErrorForbidden("locked"));
    }
    let subscription = set.room(&room).subscribe(last);
    Ok(match &*room {
        "brief" => subscription.expires_at(Duration::ZERO),
        "slow" => subscription.on_lag(OnLag::SkipToOldest),
        _ => subscription,
    })
}

/// Its credentials end at once.
#[websocket("/observed/ws")]
async fn brief(socket: Socket<String, String>) {
    socket.expires_at(Duration::ZERO);
    socket.connection().ended().await;
}

#[sse("/observed-faults/stream")]
async fn panics() -> impl Stream<Item = String> {
    futures_util::stream::iter((0..).map(|n| {
        assert!(n < 2, "on purpose");
        n.to_string()
    }))
}

#[sse("/observed-faults/function")]
async fn panics_at_once() -> impl Stream<Item = String> {
    let purpose = std::hint::black_box("purpose");
    assert!(purpose.is_empty(), "on {purpose}");
    futures_util::stream::empty()
}

/// Nobody gives it to the `App`.
struct Missing;

#[sse("/observed-faults/data")]
async fn without_data(_: Data<Missing>) -> Subscription<String> {
    unreachable!("it is refused")
}

#[websocket("/observed-faults/tuple")]
async fn without_data_in_a_tuple(socket: Socket<String, String>, _: (HttpRequest, Data<Missing>)) {
    drop(socket);
}

struct Refused;

#[websocket("/observed-faults/room")]
impl Refused {
    async fn open(
        _: Connection<String>,
        set: Data<ClientSet<String>>,
    ) -> Result<Self, RoomRefused> {
        set.try_room("x".repeat(256)).map(|_| Self)
    }

    async fn message(&mut self, _: String) {}
}

#[websocket("/observed/spoken", protocols = ["chat.v1"])]
async fn spoken(socket: Socket<String, String>) {
    drop(socket);
}

/// An event of the log, with its fields.
type Line = (Level, BTreeMap<String, String>);

/// The last fields of every span `connection` that has closed.
#[derive(Clone, Default)]
struct Spans {
    open: Arc<Mutex<BTreeMap<u64, BTreeMap<String, String>>>>,
    closed: Arc<Mutex<Vec<BTreeMap<String, String>>>>,
    /// Of this crate.
    lines: Arc<Mutex<Vec<Line>>>,
}

struct Fields<'a>(&'a mut BTreeMap<String, String>);

impl Visit for Fields<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        let value = format!("{value:?}").trim_matches('"').to_owned();
        self.0.insert(field.name().to_owned(), value);
    }
}

impl<S: tracing::Subscriber> Layer<S> for Spans {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, _: Context<'_, S>) {
        if attributes.metadata().name() == "connection" {
            let mut fields = BTreeMap::new();
            attributes.record(&mut Fields(&mut fields));
            self.open.lock().unwrap().insert(id.into_u64(), fields);
        }
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, _: Context<'_, S>) {
        if let Some(fields) = self.open.lock().unwrap().get_mut(&id.into_u64()) {
            values.record(&mut Fields(fields));
        }
    }

    fn on_event(&self, event: &Logged<'_>, context: Context<'_, S>) {
        if event.metadata().target().starts_with("ereo_runtime") {
            let mut fields = BTreeMap::new();
            event.record(&mut Fields(&mut fields));
            let span = event.parent().or(context.current_span().id()).map(Id::into_u64);
            let open = self.open.lock().unwrap();
            if let Some(peer) = span.and_then(|span| open.get(&span)?.get("peer"))
                && fields.contains_key("reason")
            {
                fields.insert("span.peer".to_owned(), peer.clone());
            }
            drop(open);
            self.lines.lock().unwrap().push((*event.metadata().level(), fields));
        }
    }

    fn on_close(&self, id: Id, _: Context<'_, S>) {
        if let Some(fields) = self.open.lock().unwrap().remove(&id.into_u64()) {
            self.closed.lock().unwrap().push(fields);
        }
    }
}

/// Sums up what the recorder hands out: each snapshot has what came since the last one.
struct Metrics {
    snapshotter: Snapshotter,
    sums: BTreeMap<String, f64>,
}

impl Metrics {
    /// The value of a metric by now, named as Prometheus does: `name{label=value,..}`.
    fn of(&mut self, name: &str) -> f64 {
        for (key, _, _, value) in self.snapshotter.snapshot().into_vec() {
            let labels =
                key.key().labels().map(|label| format!("{}={}", label.key(), label.value()));
            let labels = labels.collect::<Vec<_>>().join(",");
            *self.sums.entry(format!("{}{{{labels}}}", key.key().name())).or_default() +=
                match value {
                    DebugValue::Counter(count) => count as f64,
                    DebugValue::Gauge(change) => change.into_inner(),
                    DebugValue::Histogram(values) => values.len() as f64,
                };
        }
        self.sums.get(name).copied().unwrap_or_default()
    }

    /// Of an SSE metric of the route.
    fn of_the_feed(&mut self, name: &str) -> f64 {
        self.of(&format!("{name}{{kind=sse,route=/observed/{{room}}}}"))
    }
}

#[test]
fn a_connection_is_counted_measured_and_told() {
    // Leaving actix's dispatcher unwinds it, which nobody must hear of.
    let panics = Arc::new(AtomicUsize::new(0));
    let (heard, print) = (Arc::clone(&panics), std::panic::take_hook());
    std::panic::set_hook(Box::new(move |panic| {
        heard.fetch_add(1, Ordering::Relaxed);
        print(panic);
    }));
    let recorder = DebuggingRecorder::new();
    let mut metrics = Metrics { snapshotter: recorder.snapshotter(), sums: BTreeMap::new() };
    recorder.install().unwrap();
    let spans = Spans::default();
    let subscriber = tracing_subscriber::registry().with(spans.clone());
    tracing::subscriber::set_global_default(subscriber).unwrap();

    let seated = ClientSet::new();
    let seats = Data::new(Seated(seated.clone()));
    let sets = ClientSet::builder().max_clients(1).history(8).build();
    let data = Data::new(sets.clone());
    let crowd = ClientSet::<Event>::new();
    let crowded = Data::new(crowd.clone());
    let limits = Limits::new().behind_proxies(ProxyHeader::XForwardedFor, 1);
    let mut server = serve_limited(1, Duration::from_secs(10), limits, move |app| {
        app.app_data(data.clone())
            .app_data(crowded.clone())
            .app_data(seats.clone())
            .route("/observed-burst", web::get().to(burst))
            .service(ereo_runtime::routes().unwrap());
    });
    a_crowd_is_counted(&server, &crowd, &mut metrics);
    sockets_are_counted(&server, &seated, &mut metrics);
    let mut client = Client::get(server.address, "/observed/lobby");
    client.read_until(|client| client.events.retry.is_some());
    assert_eq!(metrics.of_the_feed("ereo_connections_open"), 1.0);
    let lean = cfg!(target_os = "linux") && support::server::lean();
    assert_eq!(metrics.of("ereo_lean_total{kind=sse}"), f64::from(u8::from(lean)));
    for n in 0..128 {
        sets.room("lobby").broadcast(&format!("{n:03}")).unwrap();
        client.data();
    }
    let told = metrics.of_the_feed("ereo_sent_messages_total");
    assert!((64.0..=129.0).contains(&told), "{told}");
    // The first and the 65th are measured.
    assert_eq!(metrics.of("ereo_fanout_seconds{kind=sse}"), 2.0);

    assert_eq!(get(server.address, "/observed/locked").status, 403);
    assert_eq!(get(server.address, "/observed/lobby").status, 503);
    assert_eq!(metrics.of("ereo_refused_total{kind=sse,reason=room}"), 1.0);

    handshakes_are_counted(&server, &mut metrics);

    let told = "x-forwarded-for: 9.9.9.9, 2001:db8::7\r\nforwarded: for=9.9.9.9\r\n";
    let mut brief = Client::get_with(server.address, "/observed/brief", told);
    assert_eq!(brief.event().unwrap().event, "ereo.expired");
    assert!(brief.event().is_none());
    let stream = TcpStream::connect(server.address).unwrap();
    let url = format!("ws://{}/observed/ws", server.address);
    let (mut socket, _) = tungstenite::client(url, stream).unwrap();
    assert!(socket.read().unwrap().is_close());
    // Answers, and waits for the end.
    assert!(socket.read().is_err());

    let mut ended = Client::get(server.address, "/observed/ended");
    ended.read_until(|client| client.events.retry.is_some());
    let told = sets.room("ended").disconnect(Who::All, Ending::code(4001, "logged out"));
    assert_eq!(told, 1);
    assert_eq!(ended.event().unwrap().event, "ereo.closed");
    assert!(ended.event().is_none());

    // More than the buffers hold: what it does not get in time it misses, but for the last 8. Where the
    // server is slow as well, it is overtaken more than once.
    let mut slow = Client::get(server.address, "/observed/slow");
    let big = "x".repeat(256 << 10);
    for _ in 0..256 {
        sets.room("slow").broadcast(&big).unwrap();
    }
    let (mut received, mut missed, mut lags) = (0, 0, 0);
    while received + missed < 256 {
        let event = slow.event().unwrap();
        if event.event == "ereo.reset" {
            let reset: serde_json::Value = serde_json::from_str(&event.data).unwrap();
            assert_eq!(reset["reason"], "lagged");
            missed += reset["missed"].as_u64().unwrap();
            lags += 1;
        } else {
            received += 1;
        }
    }
    assert!(received + missed == 256 && received >= 8 && missed > 0, "{received} and {missed}");
    slow.leave();
    server.begin_drain();
    assert!(client.event().is_none());
    let sent = client.body.len() as f64;
    server.drain();

    assert_eq!(metrics.of_the_feed("ereo_connections_open"), 0.0);
    assert_eq!(metrics.of_the_feed("ereo_connections_total"), 6.0);
    assert_eq!(metrics.of_the_feed("ereo_connection_seconds"), 6.0);
    assert_eq!(metrics.of_the_feed("ereo_disconnected_total"), 1.0);
    assert_eq!(metrics.of_the_feed("ereo_expired_total"), 1.0);
    assert_eq!(metrics.of("ereo_expired_total{kind=websocket,route=/observed/ws}"), 1.0);
    assert_eq!(metrics.of_the_feed("ereo_missed_total"), missed as f64);
    let skipped = "ereo_lagged_total{kind=sse,route=/observed/{room},outcome=skipped}";
    assert_eq!(metrics.of(skipped), f64::from(lags));
    let all = spans.clone();
    let spans = spans.closed.lock().unwrap();
    let how = |how: &str, kind: &str| {
        let fits = |span: &&BTreeMap<String, String>| {
            let counted = ["/observed/crowd", "/observed/seats"].contains(&&*span["route"]);
            span["how"] == how && span["kind"] == kind && !counted
        };
        spans.iter().find(fits).unwrap_or_else(|| panic!("{how} of {kind} in {spans:#?}"))
    };
    assert_eq!(spans.len(), 7 + CROWD + SEATS);
    assert_eq!(how("disconnected", "sse")["messages"], "2");
    let drained = how("drained", "sse");
    assert_eq!((&*drained["route"], &*drained["missed"]), ("/observed/{room}", "0"));
    // The opening, the messages and the closing `retry`.
    assert_eq!((&*drained["messages"], drained["bytes"].parse()), ("130", Ok(sent)));
    assert!(drained["peer"].starts_with("127.0.0.1:"));
    assert_eq!(how("refused", "sse")["messages"], "0");
    assert_eq!(how("left", "sse")["missed"], missed.to_string());
    let expired = how("expired", "sse");
    // As its proxy told; the others came without one.
    assert_eq!((&*expired["messages"], &*expired["peer"]), ("2", "2001:db8::7"));
    let expired = how("expired", "websocket");
    assert_eq!((&*expired["route"], &*expired["messages"]), ("/observed/ws", "1"));
    assert!(expired["client"].parse::<u64>().is_ok(), "{expired:?}");
    assert_eq!(panics.load(Ordering::Relaxed), 0);
    drop(spans);
    let missing =
        |(level, line): &&Line| *level == Level::WARN && line["message"].contains("behind_proxies");
    let missing = Vec::from_iter(all.lines.lock().unwrap().iter().filter(missing).cloned());
    assert_eq!(missing.len(), 1, "once, though many came without it");
    let (header, proxies) = (&*missing[0].1["header"], &*missing[0].1["proxies"]);
    assert_eq!((header, proxies), ("x-forwarded-for", "1"));
    what_is_well_is_told_in_one_line(&all);
    what_goes_wrong_is_told(&all);
    assert_eq!(panics.load(Ordering::Relaxed), 2, "on purpose");
}

impl Spans {
    /// What came since this was last asked, once a server has ended.
    fn take(&self) -> (Vec<BTreeMap<String, String>>, Vec<Line>) {
        let take = |(level, _): &Line| *level <= Level::DEBUG;
        let closed = std::mem::take(&mut *self.closed.lock().unwrap());
        let mut lines = std::mem::take(&mut *self.lines.lock().unwrap());
        lines.retain(take);
        (closed, lines)
    }
}

/// Nothing at `info` but of the server itself.
fn what_is_well_is_told_in_one_line(spans: &Spans) {
    spans.take();
    let sets = Data::new(ClientSet::<String>::new());
    let seats = Data::new(Seated(ClientSet::new()));
    let server = serve(move |app| {
        app.app_data(sets.clone()).app_data(seats.clone()).service(ereo_runtime::routes().unwrap());
    });
    let mut client = Client::get(server.address, "/observed/lobby");
    client.read_until(|client| client.events.retry.is_some());
    client.leave();
    let socket = TcpStream::connect(server.address).unwrap();
    let url = format!("ws://{}/observed/seats", server.address);
    let (mut socket, _) = tungstenite::client(url, socket).unwrap();
    socket.close(None).unwrap();
    assert!(socket.read().unwrap().is_close());
    server.drain();
    let (closed, lines) = spans.take();
    assert_eq!(closed.len(), 2, "{closed:#?}");
    let lines: Vec<_> = lines.iter().filter(|(_, line)| line["message"] != "draining").collect();
    let ended: Vec<_> =
        lines.iter().filter(|(_, line)| line["message"] == "connection ended").collect();
    assert_eq!(ended.len(), 2);
    assert!(ended.iter().all(|(level, line)| *level == Level::DEBUG && line.len() == 1));
    let loud: Vec<_> = lines
        .iter()
        .filter(|(level, line)| *level <= Level::INFO && line["message"] != "all clients are gone")
        .collect();
    assert!(loud.is_empty(), "{loud:#?}");
}

fn what_goes_wrong_is_told(spans: &Spans) {
    let set = Data::new(ClientSet::<String>::new());
    let server = serve(move |app| {
        app.app_data(set.clone()).service(ereo_runtime::routes().unwrap());
    });
    let mut client = Client::get(server.address, "/observed-faults/stream");
    // What it gave in the same turn comes still.
    assert_eq!((client.data(), client.data()), ("0".to_owned(), "1".to_owned()));
    assert!(client.event().is_none());
    let mut socket = TcpStream::connect(server.address).unwrap();
    socket.write_all(b"GET /observed-faults/function HTTP/1.1\r\nhost: x\r\n\r\n").unwrap();
    let mut nothing = Vec::new();
    let _ = socket.read_to_end(&mut nothing);
    assert!(nothing.is_empty());
    assert_eq!(get(server.address, "/observed-faults/data").status, 500);
    let socket = TcpStream::connect(server.address).unwrap();
    let url = format!("ws://{}/observed-faults/tuple", server.address);
    tungstenite::client(url, socket).unwrap_err();
    let socket = TcpStream::connect(server.address).unwrap();
    let peer = socket.local_addr().unwrap().to_string();
    let url = format!("ws://{}/observed-faults/room", server.address);
    tungstenite::client(url, socket).unwrap_err();
    server.drain();
    let (closed, lines) = spans.take();
    let refused = |(_, line): &&Line| line.get("reason").is_some_and(|it| it == "room_name");
    let refused = Vec::from_iter(lines.iter().filter(refused));
    assert_eq!((refused.len(), &refused[0].1["span.peer"]), (1, &peer), "{refused:?}");
    let how = |route: &str| {
        let ended: Vec<_> = closed.iter().filter(|span| span["route"] == route).collect();
        assert_eq!(ended.len(), 1, "{route}");
        ended[0]["how"].clone()
    };
    assert_eq!(how("/observed-faults/stream"), "panicked");
    assert_eq!(how("/observed-faults/function"), "panicked");
    assert_eq!(how("/observed-faults/data"), "refused");
    let errors: Vec<_> = lines.iter().filter(|(level, _)| *level == Level::ERROR).collect();
    let told = |message: &str| {
        let fits = |(_, line): &&&Line| line["message"].contains(message);
        errors.iter().filter(fits).map(|(_, line)| line.clone()).collect::<Vec<_>>()
    };
    let panicked = told("an event stream panicked");
    assert_eq!(panicked.len(), 1);
    assert_eq!(panicked[0]["panic"], "on purpose");
    let missing = told("app_data");
    assert_eq!(missing.len(), 2, "{errors:#?}");
    assert_eq!(missing[0]["data"], std::any::type_name::<Missing>());
    assert_eq!(missing[0]["route"], "/observed-faults/data");
    assert!(missing[1]["data"].contains(std::any::type_name::<Missing>()), "{missing:?}");
}

/// Requests that do not become sockets, by their reason.
fn handshakes_are_counted(server: &Server, metrics: &mut Metrics) {
    let upgrade = "upgrade: websocket\r\nconnection: upgrade\r\nsec-websocket-version: 13\r\n\
        sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
    for (path, headers, status, reason) in [
        ("/observed/ws", "origin: https://evil.example\r\n", 403, "origin"),
        ("/observed/spoken", "sec-websocket-protocol: mqtt\r\n", 400, "protocol"),
        ("/observed/ws", "sec-websocket-key: short\r\n", 400, "upgrade"),
    ] {
        let refused = format!("ereo_refused_total{{kind=websocket,reason={reason}}}");
        let before = metrics.of(&refused);
        let headers = format!("{headers}{upgrade}");
        assert_eq!(Client::get_with(server.address, path, &headers).finish().status, status);
        assert_eq!(metrics.of(&refused), before + 1.0, "{reason}");
    }
}

/// What a relay sends for them is counted as what they send themselves.
fn a_crowd_is_counted(server: &Server, crowd: &ClientSet<Event>, metrics: &mut Metrics) {
    let mut clients = Vec::new();
    for _ in 0..CROWD {
        let mut client = Client::get(server.address, "/observed/crowd");
        client.read_until(|client| client.events.retry.is_some());
        clients.push(client);
    }
    for n in 0..300 {
        crowd.broadcast(&Event::new(n.to_string())).unwrap();
        for client in &mut clients {
            assert_eq!(client.data(), n.to_string());
        }
    }
    for _ in 0..20 {
        assert_eq!(get(server.address, "/observed-burst").status, 200);
        for client in &mut clients {
            (0..16).for_each(|n| assert_eq!(client.data(), format!("at once {n}")));
        }
    }
    let bytes: usize = clients.iter().map(|client| client.body.len()).sum();
    drop(clients);
    // The last thing that a connection tells.
    let seconds = "ereo_connection_seconds{kind=sse,route=/observed/crowd}";
    while metrics.of(seconds) < CROWD as f64 {
        std::thread::yield_now();
    }
    let mut sent =
        |what| metrics.of(&format!("ereo_sent_{what}{{kind=sse,route=/observed/crowd}}"));
    assert_eq!(sent("bytes_total"), bytes as f64);
    // With the opening of each.
    assert_eq!(sent("messages_total"), (CROWD * 621) as f64);
    assert_eq!(metrics.of("ereo_fanout_seconds{kind=sse}"), (CROWD * 10) as f64);
    metrics.sums.remove("ereo_fanout_seconds{kind=sse}");
    metrics.sums.remove("ereo_lean_total{kind=sse}");
}

/// The messages of what is sent in one piece are counted and measured one by one.
fn sockets_are_counted(server: &Server, seated: &ClientSet<String>, metrics: &mut Metrics) {
    // The bursts for the crowd were theirs as well.
    let first = seated.position().offset() + 1;
    let connect = |_| {
        let stream = TcpStream::connect(server.address).unwrap();
        let url = format!("ws://{}/observed/seats", server.address);
        tungstenite::client(url, stream).unwrap().0
    };
    let mut sockets: Vec<_> = (0..SEATS).map(connect).collect();
    while seated.len() < SEATS {
        std::thread::yield_now();
    }
    for _ in 0..20 {
        assert_eq!(get(server.address, "/observed-burst").status, 200);
        for socket in &mut sockets {
            for n in 0..16 {
                let told = socket.read().unwrap().into_text().unwrap();
                assert_eq!(&*told, format!("at once {n:02}"));
            }
        }
    }
    drop(sockets);
    let of = |name| format!("{name}{{kind=websocket,route=/observed/seats}}");
    while metrics.of(&of("ereo_connection_seconds")) < SEATS as f64 {
        std::thread::yield_now();
    }
    let messages = SEATS * 320;
    assert_eq!(metrics.of(&of("ereo_sent_messages_total")), messages as f64);
    // Each with the head of its frame.
    let size = 2 + "at once 00".len();
    assert_eq!(metrics.of(&of("ereo_sent_bytes_total")), (messages * size) as f64);
    let measured = (first..first + 320).filter(|offset| offset % 64 == 1).count();
    let fanout = metrics.of("ereo_fanout_seconds{kind=websocket}");
    assert_eq!(fanout, (SEATS * measured) as f64);
}
