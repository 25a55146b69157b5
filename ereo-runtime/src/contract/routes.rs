//! Routes as a contract sees them: what is served, with the schemas of what goes over the wire.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::events::{NamedEvent, events};
use super::path::Path;
use super::schemas::{Asking, Schemas, Way};
use crate::message::{Describe, Description, Form};
use crate::route::{Kind, RouteEntry, RouteInfo, Routes, shape};

/// One route.
#[derive(Debug)]
pub(super) struct Described {
    pub(super) info: RouteInfo,
    pub(super) path: Path,
    pub(super) wire: Wire,
    pub(super) sent: Sent,
    /// What a socket takes; none takes nothing.
    pub(super) received: Option<Value>,
    /// What each `Query<T>` reads.
    pub(super) queries: Vec<Value>,
    /// The path of the route that a loader goes on over.
    pub(super) live: Option<String>,
    /// The types that have no schema, by what becomes of them.
    pub(super) unknown: Vec<&'static str>,
}

/// What a route sends.
#[derive(Debug)]
pub(super) enum Sent {
    /// Events of these names.
    Events(Vec<NamedEvent>),
    /// Events of any name.
    AnyEvents,
    /// Whole messages, or a loader's data.
    Message(Value),
    /// A socket that only receives.
    Nothing,
}

/// How what is sent stands on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wire {
    Json,
    /// Text that is no JSON.
    Text,
    Binary,
}

/// Asks all routes, in an order that no linker decides.
pub(super) fn describe(sources: &[Routes]) -> (Vec<Described>, Schemas) {
    let mut asking = Asking::new();
    // Types that no derive of ours names are numbered in the order in which they are asked for.
    let served = served(sources).into_iter();
    let asked: Vec<_> =
        served.map(|served| (served.prefix, Asked::new(served, &mut asking))).collect();
    let mut schemas = asking.answered();
    let described: Vec<_> =
        asked.into_iter().map(|(prefix, asked)| asked.described(&mut schemas, prefix)).collect();
    schemas.keep_used(described.iter().flat_map(Described::values));
    (described, schemas)
}

/// A route as it is served.
struct Served<'a> {
    info: RouteInfo,
    entry: &'static RouteEntry,
    prefix: &'a str,
}

/// In the order of their paths. Of two of one method and path, in two groups, the first is served.
fn served(sources: &[Routes]) -> Vec<Served<'_>> {
    let mut served: Vec<_> = sources
        .iter()
        .flat_map(|routes| {
            let entries = routes.iter().zip(routes.entries.iter().copied());
            entries.map(|(info, entry)| Served { info, entry, prefix: &routes.prefix })
        })
        .collect();
    let mut seen = BTreeSet::new();
    served.retain(|Served { info, .. }| seen.insert((shape(&info.path), info.method)));
    served.sort_by(|a, b| (&a.info.path, a.info.method).cmp(&(&b.info.path, b.info.method)));
    served
}

/// A route whose types were asked for their schemas.
struct Asked {
    info: RouteInfo,
    form: Form,
    sent: Option<Value>,
    received: Option<Value>,
    queries: Vec<Value>,
    live: Option<&'static str>,
    unknown: Vec<&'static str>,
}

impl Asked {
    fn new(Served { info, entry, .. }: Served<'_>, asking: &mut Asking) -> Self {
        let told = &entry.told;
        let mut unknown = Vec::new();
        let said = match info.kind {
            Kind::WebSocket => told
                .connections
                .iter()
                .find_map(|argument| argument.message)
                .map(|message| message()),
            _ => Some(entry.endpoint.description()),
        };
        let Description { form, schema } = said.unwrap_or(Description::UNKNOWN);
        let spelled =
            told.sent.or_else(|| told.connections.iter().find_map(|argument| argument.sent));
        let sent = spelled.or(schema);
        let sends = info.kind != Kind::WebSocket || said.is_some();
        if sends && sent.is_none() && !matches!(form, Form::Events | Form::Binary) {
            unknown.push("what is sent");
        }
        let sent = sent.map(|describe| asking.ask(Way::Sent, describe));
        let mut take = |describe: Option<Describe>, what: &'static str| match describe {
            Some(describe) => asking.ask(Way::Received, describe),
            None => {
                unknown.push(what);
                true.into()
            }
        };
        let received = (info.kind == Kind::WebSocket).then(|| {
            let received = || told.connections.iter().find_map(|argument| argument.received);
            take(told.received.or_else(received), "what is received")
        });
        let queries = told.queries.iter().map(|query| take(*query, "the query")).collect();
        let any = || match form {
            Form::Binary => json!({ "type": "string", "format": "binary" }),
            _ => true.into(),
        };
        let sent = sends.then(|| sent.unwrap_or_else(any));
        Self { info, form, sent, received, queries, live: told.live, unknown }
    }

    fn described(self, schemas: &mut Schemas, prefix: &str) -> Described {
        let Self { info, form, sent, received, queries, live, unknown } = self;
        let sent = sent.map(|sent| schemas.finish(Way::Sent, sent));
        let received = received.map(|received| schemas.finish(Way::Received, received));
        let received = received.filter(|received| *received != Value::Bool(false));
        let queries =
            queries.into_iter().map(|query| schemas.finish(Way::Received, query)).collect();
        let wire = match form {
            Form::Text => Wire::Text,
            Form::Binary => Wire::Binary,
            Form::Json | Form::Variants { .. } | Form::Events => Wire::Json,
        };
        let sent = match (info.kind, sent) {
            (Kind::Sse, Some(schema)) => match events(schemas, form, &schema) {
                Some(events) => Sent::Events(events),
                None => Sent::AnyEvents,
            },
            (_, Some(schema)) => Sent::Message(schema),
            (_, None) => Sent::Nothing,
        };
        let path = Path::of(&info.path);
        let live = live.map(|live| Path::of(&format!("{prefix}{live}")).pattern());
        Described { info, path, wire, sent, received, queries, live, unknown }
    }
}

impl Described {
    /// All schemas of the route.
    pub(super) fn values(&self) -> impl Iterator<Item = &Value> {
        let events = match &self.sent {
            Sent::Events(events) => events.as_slice(),
            _ => &[],
        };
        let message = match &self.sent {
            Sent::Message(schema) => Some(schema),
            _ => None,
        };
        let events = events.iter().map(|event| &event.schema);
        events.chain(message).chain(&self.received).chain(&self.queries)
    }
}

/// What each route is called: its path, and its method where another one has that path.
pub(super) fn keys<'a>(
    routes: impl Iterator<Item = &'a Described> + Clone,
    path: impl Fn(&Path) -> String,
) -> Vec<String> {
    let mut count: BTreeMap<String, usize> = BTreeMap::new();
    for route in routes.clone() {
        *count.entry(path(&route.path)).or_default() += 1;
    }
    routes
        .map(|route| match path(&route.path) {
            path if count[&path] == 1 => path,
            // Two regexes for one place, or two methods.
            _ if route.info.method == "GET" => route.info.path.clone(),
            _ => format!("{} {}", route.info.method, route.info.path),
        })
        .collect()
}
