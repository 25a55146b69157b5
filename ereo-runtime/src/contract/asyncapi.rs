//! The contract as an AsyncAPI 3.0 document: a channel a route, an operation a direction.
//!
//! Schemas are in its default dialect, a superset of JSON Schema draft-07.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};
use url::Url;

use super::info::Info;
use super::routes::{Described, Sent, Wire};
use super::schemas::{REFERENCE, Schemas, visit};
use crate::route::Kind;

/// Where its definitions stand.
const COMPONENTS: &str = "#/components/schemas/";

pub(super) fn document(info: &Info, routes: &[Described], schemas: &Schemas) -> Value {
    let (mut channels, mut operations) = (Map::new(), Map::new());
    let mut used = BTreeSet::new();
    for route in routes {
        let key = unique(&route.path.key(), &mut used);
        let sent = sent(route);
        let received = route
            .received
            .as_ref()
            .map(|schema| message("received", "received", schema, Wire::Json));
        let mut messages = Map::new();
        for (name, message) in sent.iter().chain(&received) {
            messages.insert(name.clone(), message.clone());
        }
        let operation = |action: &str, of: &[(String, Value)]| {
            let mut operation = json!({
                "action": action,
                "channel": { "$ref": format!("#/channels/{key}") },
                "messages": of.iter().map(|(name, _)| json!({ "$ref": format!("#/channels/{key}/messages/{name}") })).collect::<Vec<_>>(),
            });
            if route.info.kind != Kind::WebSocket {
                operation["bindings"] = json!({ "http": http(route) });
            }
            operation
        };
        if !sent.is_empty() {
            operations.insert(format!("send_{key}"), operation("send", &sent));
        }
        if let Some(received) = &received {
            operations.insert(
                format!("receive_{key}"),
                operation("receive", std::slice::from_ref(received)),
            );
        }
        channels.insert(key, channel(route, messages));
    }
    let mut document = json!({
        "asyncapi": "3.0.0",
        "info": { "title": info.title, "version": info.version },
        "defaultContentType": "application/json",
        "channels": channels,
        "operations": operations,
        "components": { "schemas": schemas.definitions.iter().map(|(name, schema)| (name.clone(), here(schema))).collect::<Map<_, _>>() },
    });
    if let Some(description) = &info.description {
        document["info"]["description"] = description.as_str().into();
    }
    let servers = servers(info, routes);
    if !servers.is_empty() {
        document["servers"] = Value::Object(servers);
    }
    document
}

fn channel(route: &Described, messages: Map<String, Value>) -> Value {
    let names = route.path.parameters().map(parameter_name);
    let parameters: Map<_, _> = names.map(|name| (name, json!({}))).collect();
    let mut channel = json!({
        "address": address(route),
        "title": route.info.handler,
        "messages": messages,
    });
    if !parameters.is_empty() {
        channel["parameters"] = Value::Object(parameters);
    }
    if route.info.kind == Kind::WebSocket {
        let mut binding = json!({ "method": "GET", "bindingVersion": "0.1.0" });
        if let Some(query) = query(route, []) {
            binding["query"] = query;
        }
        channel["bindings"] = json!({ "ws": binding });
    }
    channel
}

fn sent(route: &Described) -> Vec<(String, Value)> {
    match &route.sent {
        Sent::Events(events) => {
            let mut used = BTreeSet::new();
            events
                .iter()
                .map(|event| {
                    let (_, mut message) = message("", &event.name, &event.schema, route.wire);
                    if let Some(description) = &event.description {
                        message["description"] = description.as_str().into();
                    }
                    (unique(&event.name, &mut used), message)
                })
                .collect()
        }
        Sent::AnyEvents => {
            vec![("event".to_owned(), json!({ "title": "An event of any name", "payload": {} }))]
        }
        Sent::Message(schema) => vec![message("sent", "sent", schema, route.wire)],
        Sent::Nothing => Vec::new(),
    }
}

fn message(key: &str, name: &str, schema: &Value, wire: Wire) -> (String, Value) {
    let content = match wire {
        Wire::Json => "application/json",
        Wire::Text => "text/plain",
        Wire::Binary => "application/octet-stream",
    };
    (key.to_owned(), json!({ "name": name, "contentType": content, "payload": payload(schema) }))
}

/// AsyncAPI takes no `true` for a message's schema.
fn payload(schema: &Value) -> Value {
    match here(schema) {
        Value::Bool(true) => json!({}),
        Value::Bool(false) => json!({ "not": {} }),
        schema => schema,
    }
}

/// How a stream or a loader is asked.
fn http(route: &Described) -> Value {
    let mut binding = json!({ "method": route.info.method, "bindingVersion": "0.3.0" });
    let position = (route.info.kind == Kind::Sse).then(|| {
        let property = json!({ "type": "string", "description": "The position after which the stream goes on, as the header `last-event-id`." });
        ("lastEventID", property)
    });
    if let Some(query) = query(route, position) {
        binding["query"] = query;
    }
    binding
}

/// The query's parameters, as an object.
fn query(route: &Described, own: impl IntoIterator<Item = (&'static str, Value)>) -> Option<Value> {
    let own: Map<_, _> = own.into_iter().map(|(name, schema)| (name.to_owned(), schema)).collect();
    let own = (!own.is_empty()).then(|| json!({ "type": "object", "properties": own }));
    let mut all: Vec<_> = route.queries.iter().map(here).chain(own).collect();
    match all.len() {
        0 => None,
        1 => all.pop(),
        // A binding's query is an object with properties.
        _ => Some(json!({ "type": "object", "properties": {}, "allOf": all })),
    }
}

fn servers(info: &Info, routes: &[Described]) -> Map<String, Value> {
    let has =
        |socket: bool| routes.iter().any(|route| (route.info.kind == Kind::WebSocket) == socket);
    let mut servers = Map::new();
    for (at, url) in info.servers.iter().enumerate() {
        let Ok(url) = Url::parse(url) else { continue };
        let host = match (url.host_str(), url.port()) {
            (Some(host), Some(port)) => format!("{host}:{port}"),
            (Some(host), None) => host.to_owned(),
            (None, _) => continue,
        };
        let secure = matches!(url.scheme(), "https" | "wss");
        let protocols = [("http", "https", has(false)), ("ws", "wss", has(true))];
        for (plain, tls, _) in protocols.into_iter().filter(|(.., used)| *used) {
            let protocol = if secure { tls } else { plain };
            let mut server = json!({ "host": host, "protocol": protocol });
            if url.path() != "/" {
                server["pathname"] = url.path().into();
            }
            let number = if at == 0 { String::new() } else { (at + 1).to_string() };
            servers.insert(format!("{plain}{number}"), server);
        }
    }
    servers
}

/// The path with parameters that have names which AsyncAPI takes.
fn address(route: &Described) -> String {
    route.path.parameters().fold(route.path.key(), |address, name| {
        address.replace(&format!("{{{name}}}"), &format!("{{{}}}", parameter_name(name)))
    })
}

fn parameter_name(name: &str) -> String {
    legal(name, '_')
}

fn legal(name: &str, other: char) -> String {
    let kept = |c: char| if c.is_ascii_alphanumeric() || c == '_' || c == '-' { c } else { other };
    name.chars().map(kept).collect()
}

/// A key that AsyncAPI takes, and that no other one is.
fn unique(name: &str, used: &mut BTreeSet<String>) -> String {
    let words = legal(name, '_');
    let words: Vec<_> = words.split('_').filter(|word| !word.is_empty()).collect();
    let key = if words.is_empty() { "root".to_owned() } else { words.join("_") };
    let mut other = key.clone();
    let mut number = 2;
    while !used.insert(other.clone()) {
        other = format!("{key}_{number}");
        number += 1;
    }
    other
}

/// The schema, with references into this document.
fn here(schema: &Value) -> Value {
    let mut schema = schema.clone();
    visit(&mut schema, &mut |object| {
        if let Some(Value::String(reference)) = object.get_mut("$ref")
            && let Some(name) = reference.strip_prefix(REFERENCE)
        {
            *reference = format!("{COMPONENTS}{name}");
        }
    });
    schema
}
