//! Data for the page, as JSON. Times are milliseconds.

use serde::Serialize;

/// Everything at one moment.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Snapshot {
    /// Since the epoch of Unix.
    pub(super) now: u64,
    pub(super) version: &'static str,
    /// How long the server has been looked at, at most: since its first connection or look.
    pub(super) totals: Sample,
    pub(super) routes: Vec<RouteRow>,
    pub(super) connections: Connections,
    pub(super) sets: Sets,
    pub(super) problems: Problems,
    /// Samples of what was broadcast since the snapshot before, where they may be shown.
    pub(super) live: Vec<LiveRow>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct LiveRow {
    pub(super) number: u64,
    /// Since the epoch of Unix.
    pub(super) at: u64,
    pub(super) set: String,
    pub(super) event: Option<String>,
    /// Its beginning.
    pub(super) data: Option<String>,
    pub(super) bytes: u64,
}

/// Numbers to plot: sums since the server began, but for what is open and how long a fan-out took.
#[derive(Debug, Clone, Copy, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Sample {
    /// Since the epoch of Unix.
    pub(super) at: u64,
    /// That were broadcast.
    pub(super) messages: u64,
    pub(super) deliveries: u64,
    pub(super) bytes: u64,
    pub(super) opened: u64,
    pub(super) open: u64,
    /// Of the measured deliveries since the sample before, in microseconds: below so much half of them, and 99 of
    /// a hundred. None, where nothing was measured.
    pub(super) p50: Option<u64>,
    pub(super) p99: Option<u64>,
}

#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RouteRow {
    pub(super) kind: &'static str,
    pub(super) method: &'static str,
    pub(super) path: String,
    pub(super) handler: &'static str,
    pub(super) file: &'static str,
    pub(super) line: u32,
    pub(super) message: &'static str,
    pub(super) params: &'static [&'static str],
    pub(super) group: Option<&'static str>,
    pub(super) open: u64,
    pub(super) lean: u64,
    /// Messages a second, to all of its connections.
    pub(super) rate: f64,
    pub(super) refused: u64,
}

#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Connections {
    pub(super) total: u64,
    pub(super) rows: Vec<ConnectionRow>,
    /// Ids of the rows, each in its order.
    pub(super) oldest: Vec<u64>,
    pub(super) slowest: Vec<u64>,
    pub(super) busiest: Vec<u64>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ConnectionRow {
    pub(super) id: u64,
    pub(super) kind: &'static str,
    pub(super) route: String,
    pub(super) peer: String,
    pub(super) age: u64,
    pub(super) messages: u64,
    pub(super) bytes: u64,
    /// Messages a second.
    pub(super) rate: f64,
    pub(super) missed: u64,
    /// Whether it has left actix's dispatcher.
    pub(super) lean: bool,
    /// The set in which it is furthest behind; none where it reads none.
    pub(super) reads: Option<Reads>,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Reads {
    pub(super) set: String,
    /// `epoch-offset` of the last message that it took.
    pub(super) position: String,
    /// Messages that it has before it.
    pub(super) lag: u64,
}

#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Sets {
    pub(super) total: u64,
    pub(super) rows: Vec<SetRow>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct SetRow {
    pub(super) name: String,
    pub(super) message: &'static str,
    pub(super) is_room: bool,
    /// `epoch-offset` of its last message.
    pub(super) head: String,
    pub(super) messages: u64,
    /// Messages a second.
    pub(super) rate: f64,
    pub(super) kept: u64,
    pub(super) bytes: u64,
    pub(super) readers: u64,
    pub(super) members: u64,
    pub(super) lagged: u64,
    pub(super) missed: u64,
    /// The connection that is furthest behind, and by how many messages.
    pub(super) slowest: Option<Slowest>,
    /// Where it outlives the process.
    pub(super) store: Option<StoreRow>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct StoreRow {
    /// The log's name in its store.
    pub(super) log: String,
    pub(super) is_open: bool,
    /// For how long it has taken nothing; none while it is up.
    pub(super) down: Option<u64>,
    /// Messages that wait for their place.
    pub(super) held: u64,
    pub(super) held_bytes: u64,
    /// How often the set's store was found to have gone another way.
    pub(super) forks: u64,
}

#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Slowest {
    pub(super) id: u64,
    pub(super) lag: u64,
}

#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Problems {
    pub(super) counts: Vec<CountRow>,
    /// The newest first.
    pub(super) last: Vec<ProblemRow>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct CountRow {
    pub(super) kind: &'static str,
    pub(super) reason: &'static str,
    pub(super) count: u64,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ProblemRow {
    pub(super) at: u64,
    pub(super) kind: &'static str,
    pub(super) reason: &'static str,
    pub(super) route: String,
}
