//! One look at everything: made on a thread that serves no connection.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::time::Instant;

use super::ranks::Ranks;
use super::rows::{
    ConnectionRow, Connections, CountRow, LiveRow, ProblemRow, Problems, Reads, RouteRow, Sample,
    SetRow, Sets, Slowest, Snapshot, StoreRow,
};
use super::sets_seen::{Seen, SetsSeen, furthest, see_sets};
use crate::broadcast::{Everywhere, samples};
use crate::route::{Kind, Routes};
use crate::server::{Registered, Registry};
use crate::wire::latency::measured::{self, BUCKETS};

/// Connections of each order, and sets, that are shown.
const SHOWN: usize = 200;

/// What one look leaves for the next, to tell rates.
#[derive(Debug)]
pub(super) struct Before {
    at: Option<Instant>,
    /// Where the sets stood, by their places.
    heads: HashMap<usize, u64>,
    /// That were broadcast, also in sets that are gone.
    messages: u64,
    latency: [u64; BUCKETS],
}

impl Default for Before {
    fn default() -> Self {
        Self { at: None, heads: HashMap::new(), messages: 0, latency: [0; BUCKETS] }
    }
}

/// A connection as the page shows it; none while it begins. `lately` messages went out in `elapsed`.
pub(super) fn row(
    connection: &Registered,
    sets: &SetsSeen,
    now: Instant,
    rate: f64,
) -> Option<ConnectionRow> {
    let (messages, bytes) = connection.sent();
    let reads = furthest(connection, sets).and_then(|(set, cursor, lag)| {
        let seen = sets.get(&set)?;
        let position = seen.look.position_before(cursor).to_string();
        Some(Reads { set: seen.name.clone(), position, lag })
    });
    Some(ConnectionRow {
        id: connection.id()?.get(),
        kind: connection.kind(),
        route: connection.route().to_owned(),
        peer: connection.peer(),
        age: millis(connection.age(now)),
        messages,
        bytes,
        rate,
        missed: connection.missed(),
        lean: connection.is_lean(),
        reads,
    })
}

/// Looks at everything.
pub(super) fn take(
    registry: &Registry,
    (everywhere, own): (&Everywhere, usize),
    served: &[Routes],
    before: &mut Before,
    live: Option<&mut u64>,
) -> Snapshot {
    let now = Instant::now();
    let elapsed = before.at.replace(now).map(|at| now.saturating_duration_since(at).as_secs_f64());
    let per_second =
        |count: u64| elapsed.filter(|it| *it > 0.0).map_or(0.0, |it| count as f64 / it);
    let mut sets = see_sets(everywhere, own);
    let mut routes = Rows::of(served);
    let [mut oldest, mut slowest, mut busiest] = [(); 3].map(|()| Ranks::new(SHOWN));
    let past = registry.past();
    let mut totals = Sample { deliveries: past.messages, bytes: past.bytes, ..Sample::default() };
    let mut rates = HashMap::new();
    registry.visit(|connection| {
        let Some(id) = connection.id() else { return };
        let (messages, bytes) = connection.sent();
        let lately = connection.lately(messages);
        totals.open += 1;
        totals.deliveries += messages;
        totals.bytes += bytes;
        routes.count(connection, per_second(lately));
        let mut is_shown = false;
        let mut shown = || {
            is_shown = true;
            Arc::clone(connection)
        };
        oldest.offer(millis(connection.age(now)), &mut shown);
        busiest.offer(lately, &mut shown);
        connection.readings().each(|set, cursor| {
            let Some(seen) = sets.get_mut(&set) else { return };
            let lag = seen.look.lag(cursor);
            if seen.slowest.is_none_or(|slowest| lag > slowest.lag) {
                seen.slowest = Some(Slowest { id: id.get(), lag });
            }
        });
        if let Some((_, _, lag)) = furthest(connection, &sets) {
            slowest.offer(lag, &mut shown);
        }
        if is_shown && lately > 0 {
            rates.insert(id, per_second(lately));
        }
    });
    let mut connections = Connections { total: totals.open, ..Connections::default() };
    let mut add = |ranks: Ranks<Arc<Registered>>| {
        let rows = &mut connections.rows;
        let known = |connection: Arc<Registered>| {
            let id = connection.id()?;
            if !rows.iter().any(|row| row.id == id.get()) {
                let rate = rates.get(&id).copied().unwrap_or_default();
                rows.push(row(&connection, &sets, now, rate)?);
            }
            Some(id.get())
        };
        ranks.finish().filter_map(known).collect()
    };
    let (oldest, slowest, busiest) = (add(oldest), add(slowest), add(busiest));
    (connections.oldest, connections.slowest, connections.busiest) = (oldest, slowest, busiest);
    let (problems, refused) = problems(registry, now);
    totals.messages = before.messages(&sets);
    totals.opened = past.opened;
    totals.at = millis(SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default());
    (totals.p50, totals.p99) = before.latency();
    let live = live.map_or_else(Vec::new, |behind| live_rows(&sets, behind, now, totals.at));
    let sets = set_rows(sets, before, per_second);
    Snapshot {
        now: totals.at,
        version: env!("CARGO_PKG_VERSION"),
        totals,
        routes: routes.finish(&refused),
        connections,
        sets,
        problems,
        live,
    }
}

/// What was broadcast to these sets behind the sample of this number.
fn live_rows(sets: &SetsSeen, behind: &mut u64, now: Instant, at: u64) -> Vec<LiveRow> {
    let samples = samples(*behind);
    *behind = samples.last().map_or(*behind, |last| last.number);
    let row = |sample: crate::broadcast::Sample| {
        let seen = sets.get(&sample.set)?;
        Some(LiveRow {
            number: sample.number,
            at: at.saturating_sub(millis(now.saturating_duration_since(sample.at))),
            set: seen.name.clone(),
            event: sample.event,
            data: sample.data,
            bytes: sample.bytes as u64,
        })
    };
    samples.into_iter().filter_map(row).collect()
}

/// The routes' rows, found by their patterns.
struct Rows {
    rows: Vec<RouteRow>,
    by_pattern: HashMap<String, Vec<usize>>,
}

impl Rows {
    fn of(served: &[Routes]) -> Self {
        let mut rows: Vec<RouteRow> = Vec::new();
        for route in served.iter().flat_map(Routes::iter) {
            if rows.iter().any(|row| row.path == route.path && row.method == route.method) {
                continue;
            }
            rows.push(RouteRow {
                kind: match route.kind {
                    Kind::Sse => "sse",
                    Kind::WebSocket => "websocket",
                    Kind::Loader => "loader",
                },
                method: route.method,
                path: route.path,
                handler: route.handler,
                file: route.file,
                line: route.line,
                message: route.message,
                params: route.params,
                group: route.group,
                ..RouteRow::default()
            });
        }
        rows.sort_by(|a, b| (&a.path, a.method).cmp(&(&b.path, b.method)));
        let mut by_pattern: HashMap<String, Vec<usize>> = HashMap::new();
        for (at, row) in rows.iter().enumerate() {
            by_pattern.entry(row.path.clone()).or_default().push(at);
        }
        Self { rows, by_pattern }
    }

    /// The route's row; a connection's pattern may begin with a scope that its route does not know.
    fn row(&mut self, pattern: &str, kind: Option<&'static str>) -> &mut RouteRow {
        let is_of = |row: &RouteRow| kind.is_none_or(|kind| row.kind == kind);
        let known = self.by_pattern.get(pattern).map_or(&[][..], |all| &**all);
        let at = known.iter().copied().find(|at| is_of(&self.rows[*at])).or_else(|| {
            let suffix = |row: &RouteRow| row.path.len() > 1 && pattern.ends_with(&row.path);
            let scoped = self.rows.iter().enumerate().filter(|(_, row)| is_of(row) && suffix(row));
            scoped.max_by_key(|(_, row)| row.path.len()).map(|(at, _)| at)
        });
        let at = at.unwrap_or_else(|| {
            let (path, kind) = (pattern.to_owned(), kind.unwrap_or("sse"));
            self.rows.push(RouteRow { kind, method: "GET", path, ..RouteRow::default() });
            self.rows.len() - 1
        });
        if !known.contains(&at) {
            self.by_pattern.entry(pattern.to_owned()).or_default().push(at);
        }
        &mut self.rows[at]
    }

    fn count(&mut self, connection: &Registered, rate: f64) {
        let row = self.row(connection.route(), Some(connection.kind()));
        row.open += 1;
        row.lean += u64::from(connection.is_lean());
        row.rate += rate;
    }

    fn finish(mut self, refused: &[(String, u64)]) -> Vec<RouteRow> {
        for (pattern, count) in refused {
            self.row(pattern, None).refused += count;
        }
        self.rows
    }
}

impl Before {
    /// All that were ever broadcast, also in sets that are gone. What a store had before is not counted.
    fn messages(&mut self, sets: &SetsSeen) -> u64 {
        for (place, seen) in sets {
            let began = if seen.look.store.is_some() { seen.look.head } else { 1 };
            // Another set may have come to the place of one that is gone.
            let then = self.heads.get(place).copied().filter(|then| *then <= seen.look.head);
            self.messages += seen.look.head - then.unwrap_or(began);
        }
        self.messages
    }

    /// Half of the deliveries that were measured since took less than this, and 99 of a hundred than that.
    fn latency(&mut self) -> (Option<u64>, Option<u64>) {
        let all = measured::all();
        let since: [u64; BUCKETS] =
            std::array::from_fn(|at| all[at].saturating_sub(self.latency[at]));
        self.latency = all;
        let count: u64 = since.iter().sum();
        let below = |share: f64| {
            let wanted = (count as f64 * share).ceil() as u64;
            let mut sum = 0;
            let at = since.iter().position(|bucket| {
                sum += bucket;
                sum >= wanted
            });
            at.filter(|_| count > 0).map(|at| 1 << at)
        };
        (below(0.5), below(0.99))
    }
}

fn set_rows(sets: SetsSeen, before: &mut Before, per_second: impl Fn(u64) -> f64) -> Sets {
    let total = sets.len() as u64;
    let mut heads = HashMap::with_capacity(sets.len());
    let mut ranks = Ranks::new(SHOWN);
    for (place, seen) in sets {
        let head = seen.look.head;
        let since = before.heads.get(&place);
        let rate = since.map_or(0.0, |then| per_second(head.saturating_sub(*then)));
        heads.insert(place, head);
        ranks.offer(seen.look.readers as u64, || (seen, rate));
    }
    before.heads = heads;
    let row = |(Seen { look, name, slowest }, rate): (Seen, f64)| SetRow {
        name,
        message: look.message,
        is_room: look.room.is_some(),
        head: look.position.to_string(),
        messages: look.position.offset(),
        rate,
        kept: look.kept,
        bytes: look.bytes as u64,
        readers: look.readers as u64,
        members: look.members as u64,
        lagged: look.lagged,
        missed: look.missed,
        slowest,
        store: look.store.map(|store| StoreRow {
            log: store.key,
            is_open: store.is_open,
            down: store.down.map(millis),
            held: store.held as u64,
            held_bytes: store.bytes as u64,
            forks: store.forks,
        }),
    };
    let mut rows: Vec<_> = ranks.finish().map(row).collect();
    rows.sort_by(|a, b| {
        (std::cmp::Reverse(a.readers), &a.name).cmp(&(std::cmp::Reverse(b.readers), &b.name))
    });
    Sets { total, rows }
}

fn problems(registry: &Registry, now: Instant) -> (Problems, Vec<(String, u64)>) {
    let known = registry.problems();
    let count = |counted: crate::server::Counted| {
        let crate::server::Counted { kind, reason, count } = counted;
        CountRow { kind, reason, count }
    };
    let row = |problem: crate::server::Problem| ProblemRow {
        at: millis(now.saturating_duration_since(problem.at)),
        kind: problem.kind,
        reason: problem.reason,
        route: problem.route,
    };
    let counts = known.counts.into_iter().map(count).collect();
    (Problems { counts, last: known.last.into_iter().map(row).collect() }, known.refused)
}

pub(super) fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
