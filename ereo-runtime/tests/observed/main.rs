//! What the metrics and the spans say of a connection. One test: the recorder is the process's.

#[path = "../http/support/mod.rs"]
#[allow(dead_code, unused_imports)]
mod support;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use actix_web::web::Data;
use ereo_runtime::{ClientSet, LastEventId, Subscription, sse};
use metrics_util::debugging::{DebugValue, DebuggingRecorder, Snapshotter};
use support::{Client, get, serve};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};

#[sse("/observed/{room}")]
async fn feed(
    room: String,
    set: Data<ClientSet<String>>,
    last: LastEventId,
) -> Result<Subscription<String>, actix_web::Error> {
    if room == "locked" {
        return Err(actix_web::error::ErrorForbidden("locked"));
    }
    Ok(set.subscribe(last))
}

/// The last fields of every span `connection` that has closed.
#[derive(Clone, Default)]
struct Spans {
    open: Arc<Mutex<BTreeMap<u64, BTreeMap<String, String>>>>,
    closed: Arc<Mutex<Vec<BTreeMap<String, String>>>>,
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
    /// The value of an SSE metric of the route by now.
    fn of_the_feed(&mut self, name: &str) -> f64 {
        for (key, _, _, value) in self.snapshotter.snapshot().into_vec() {
            let labels = key.key().labels().map(|label| (label.key(), label.value()));
            let of_all = labels.clone().eq([("kind", "sse")]);
            if !of_all && !labels.clone().eq([("kind", "sse"), ("route", "/observed/{room}")]) {
                continue;
            }
            *self.sums.entry(key.key().name().to_owned()).or_default() += match value {
                DebugValue::Counter(count) => count as f64,
                DebugValue::Gauge(change) => change.into_inner(),
                DebugValue::Histogram(values) => values.len() as f64,
            };
        }
        self.sums.get(name).copied().unwrap_or_default()
    }
}

#[test]
fn a_connection_is_counted_measured_and_told() {
    let recorder = DebuggingRecorder::new();
    let mut metrics = Metrics { snapshotter: recorder.snapshotter(), sums: BTreeMap::new() };
    recorder.install().unwrap();
    let spans = Spans::default();
    let subscriber = tracing_subscriber::registry().with(spans.clone());
    tracing::subscriber::set_global_default(subscriber).unwrap();

    let set = ClientSet::new();
    let data = Data::new(set.clone());
    let mut server = serve(move |app| {
        app.app_data(data.clone()).service(ereo_runtime::routes().unwrap());
    });
    let mut client = Client::get(server.address, "/observed/lobby");
    client.read_until(|client| client.events.retry.is_some());
    assert_eq!(metrics.of_the_feed("ereo_connections_open"), 1.0);
    let lean = cfg!(target_os = "linux") && support::server::lean();
    assert_eq!(metrics.of_the_feed("ereo_lean_total"), f64::from(u8::from(lean)));
    for n in 0..100 {
        set.broadcast(&format!("{n:02}")).unwrap();
        client.data();
    }
    let told = metrics.of_the_feed("ereo_sent_messages_total");
    assert!((64.0..=101.0).contains(&told), "{told}");
    assert_eq!(get(server.address, "/observed/locked").status, 403);
    server.begin_drain();
    assert!(client.event().is_none());
    let sent = client.body.len() as f64;
    server.drain();

    assert_eq!(metrics.of_the_feed("ereo_connections_open"), 0.0);
    assert_eq!(metrics.of_the_feed("ereo_connections_total"), 2.0);
    assert_eq!(metrics.of_the_feed("ereo_connection_seconds"), 2.0);
    assert_eq!(metrics.of_the_feed("ereo_sent_bytes_total"), sent);
    let spans = spans.closed.lock().unwrap();
    let how = |how: &str| spans.iter().find(|span| span["how"] == how).expect("a span of it");
    assert_eq!(spans.len(), 2);
    let drained = how("drained");
    assert_eq!((&*drained["route"], &*drained["kind"]), ("/observed/{room}", "sse"));
    // The opening, the messages and the closing `retry`.
    assert_eq!((&*drained["messages"], drained["bytes"].parse()), ("102", Ok(sent)));
    assert!(drained["peer"].starts_with("127.0.0.1:"));
    assert_eq!(how("refused")["messages"], "0");
}
