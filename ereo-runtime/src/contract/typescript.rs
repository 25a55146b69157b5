//! The contract as a file of TypeScript types, which the browser module's functions look their URLs up in.

use serde_json::Value;

use super::path::{Path, Segment};
use super::routes::{Described, Sent, Wire, keys};
use super::schemas::Schemas;
use super::text::{comment, doc, property, spaced};
use super::tree::Tree;
use super::types::{Field, fields, type_of};
use crate::route::Kind;

const HEAD: &str = "\
// Written by Ereo from the program's routes: write it again there, and not here. Types only; a page that
// imports nothing but them loads nothing.
/* eslint-disable */
";

const FOOT: &str = "
declare global {
  /** What `ereo-client` checks URLs, events and messages against. */
  interface EreoContract {
    routes: Routes;
    tree: Tree;
  }
}
";

pub(super) fn write(routes: &[Described], schemas: &Schemas) -> String {
    let mut file = HEAD.to_owned();
    for (name, schema) in &schemas.definitions {
        file.push('\n');
        file.push_str(&comment(&doc(schema), 0));
        file.push_str(&format!("export type {name} ={};\n", spaced(&type_of(schema, 0))));
    }
    file.push_str("\n/** The routes, by their paths. */\nexport interface Routes {\n");
    let mut tree = Tree::default();
    for (route, key) in routes.iter().zip(keys(routes.iter(), Path::pattern)) {
        tree.insert(&route.path.segments(), &key);
        let about = format!("`{}`", route.info.handler);
        file.push_str(&comment(&about, 1));
        file.push_str(&format!("  {}: {};\n", property(&key), entry(route)));
    }
    file.push_str("}\n");
    file.push_str(&format!(
        "\n/** Their paths, by segments. */\ninterface Tree {}\n",
        tree.write(0)
    ));
    file.push_str(FOOT);
    file
}

fn entry(route: &Described) -> String {
    let mut lines =
        vec![line("kind", kind(route.info.kind)), line("path", &path(&route.path.segments()))];
    if route.info.method != "GET" {
        lines.push(line("method", &format!("\"{}\"", route.info.method)));
    }
    let names: Vec<_> = route.path.parameters().map(|name| Value::from(name).to_string()).collect();
    if !names.is_empty() {
        lines.push(line("params", &names.join(" | ")));
    }
    if !route.queries.is_empty() {
        let queries: Vec<_> = route.queries.iter().map(|query| type_of(query, 2)).collect();
        lines.push(line("query", &queries.join(" & ")));
    }
    match &route.sent {
        Sent::Events(events) => {
            let events = events.iter().map(|event| {
                let about = event.description.as_deref().unwrap_or_default();
                Field::new(&event.name, false, &event.schema, 3).with_doc(about)
            });
            lines.push(line("events", &fields(&events.collect::<Vec<_>>(), 2)));
        }
        Sent::AnyEvents => lines.push(line("events", "{ [name: string]: unknown }")),
        Sent::Message(schema) if route.info.kind == Kind::Loader => {
            lines.push(line("data", &type_of(schema, 2)));
        }
        Sent::Message(schema) => lines.push(line("sends", &type_of(schema, 2))),
        Sent::Nothing => lines.push(line("sends", "never")),
    }
    match &route.received {
        Some(received) => lines.push(line("takes", &type_of(received, 2))),
        None if route.info.kind == Kind::WebSocket => lines.push(line("takes", "never")),
        None => {}
    }
    if route.wire == Wire::Text && route.info.kind == Kind::Sse {
        lines.push(line("text", "true"));
    }
    if let Some(live) = &route.live {
        lines.push(line("live", &Value::from(live.as_str()).to_string()));
    }
    let unknown = route
        .unknown
        .iter()
        .map(|what| format!("    // {what}: its type derives no `JsonSchema`.\n"));
    format!("{{\n{}{}  }}", unknown.collect::<String>(), lines.concat())
}

fn line(key: &str, ty: &str) -> String {
    format!("    {key}:{};\n", spaced(ty))
}

fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Sse => "\"sse\"",
        Kind::WebSocket => "\"websocket\"",
        Kind::Loader => "\"loader\"",
    }
}

fn path(segments: &[Segment]) -> String {
    let segments = segments.iter().map(|segment| match segment {
        Segment::Text(text) => Value::from(text.as_str()).to_string(),
        Segment::Tail => "...string[]".to_owned(),
        Segment::Template(texts) if texts.iter().all(String::is_empty) => "string".to_owned(),
        Segment::Template(texts) => {
            let texts = texts
                .iter()
                .map(|text| text.replace('\\', "\\\\").replace('`', "\\`").replace("${", "\\${"));
            format!("`{}`", texts.collect::<Vec<_>>().join("${string}"))
        }
    });
    format!("[{}]", segments.collect::<Vec<_>>().join(", "))
}
