//! The contract as an OpenAPI 3.2 document: streams by their `itemSchema`, loaders by their JSON. Sockets have
//! no place in it.
//!
//! Schemas are in its default dialect, JSON Schema 2020-12.

use serde_json::{Map, Value, json};

use super::info::Info;
use super::path::Path;
use super::routes::{Described, Sent, Wire, keys};
use super::schemas::{REFERENCE, Schemas, visit};
use crate::route::Kind;

const COMPONENTS: &str = "#/components/schemas/";

pub(super) fn document(info: &Info, routes: &[Described], schemas: &Schemas) -> Value {
    let mut paths: Map<String, Value> = Map::new();
    let served = routes.iter().filter(|route| route.info.kind != Kind::WebSocket);
    for (route, key) in served.clone().zip(keys(served, Path::key)) {
        // A method of its own is no path of its own.
        let key = match key.split_once(' ') {
            Some(_) => route.path.key(),
            None => key,
        };
        let path = paths.entry(key).or_insert_with(|| json!({}));
        path[route.info.method.to_ascii_lowercase()] = operation(route);
    }
    let mut document = json!({
        "openapi": "3.2.0",
        "info": { "title": info.title, "version": info.version },
        "paths": paths,
        "components": { "schemas": schemas.definitions.iter().map(|(name, schema)| (name.clone(), here(schema))).collect::<Map<_, _>>() },
    });
    if let Some(description) = &info.description {
        document["info"]["description"] = description.as_str().into();
    }
    if !info.servers.is_empty() {
        document["servers"] = info.servers.iter().map(|url| json!({ "url": url })).collect();
    }
    document
}

fn operation(route: &Described) -> Value {
    let names = route.path.parameters();
    let mut parameters: Vec<_> = names
        .map(|name| json!({ "name": name, "in": "path", "required": true, "schema": { "type": "string" } }))
        .collect();
    parameters.extend(route.queries.iter().zip(0..).map(|(schema, at)| {
        let name = if at == 0 { "query".to_owned() } else { format!("query{}", at + 1) };
        json!({
            "name": name, "in": "querystring",
            "content": { "application/x-www-form-urlencoded": { "schema": here(schema) } },
        })
    }));
    let position = json!({
        "name": "last-event-id", "in": "header", "schema": { "type": "string" },
        "description": "The position after which the stream goes on.",
    });
    let (content, others) = match route.info.kind {
        Kind::Sse => {
            parameters.push(position);
            let end = json!({ "description": "The stream has ended for good." });
            (json!({ "text/event-stream": { "itemSchema": item(route) } }), json!({ "204": end }))
        }
        _ => {
            let schema = match &route.sent {
                Sent::Message(schema) => here(schema),
                _ => true.into(),
            };
            let unchanged = json!({ "description": "As the client has it." });
            (json!({ "application/json": { "schema": schema } }), json!({ "304": unchanged }))
        }
    };
    let mut responses = others;
    responses["200"] = json!({ "description": "What the route gives.", "content": content });
    if route.live.is_some() {
        responses["200"]["headers"] = json!({
            "last-event-id": {
                "description": "The position from which the live route goes on.",
                "schema": { "type": "string" },
            },
        });
    }
    let mut operation = json!({
        "operationId": route.info.handler.replace("::", "."),
        "responses": responses,
    });
    if !parameters.is_empty() {
        operation["parameters"] = parameters.into();
    }
    operation
}

/// One event of a stream, as its fields.
fn item(route: &Described) -> Value {
    let mut item = json!({
        "type": "object",
        "properties": {
            "event": { "type": "string" },
            "data": { "type": "string" },
            "id": { "type": "string" },
            "retry": { "type": "integer", "minimum": 0 },
        },
        "required": ["data"],
    });
    if let Sent::Events(events) = &route.sent {
        let events = events.iter().map(|event| {
            let data = match route.wire {
                Wire::Json => json!({ "contentMediaType": "application/json", "contentSchema": here(&event.schema) }),
                Wire::Text | Wire::Binary => json!({}),
            };
            let mut one = json!({ "properties": { "data": data } });
            if event.name == "message" {
                one["properties"]["event"] = json!({ "const": "message" });
            } else {
                one["properties"]["event"] = json!({ "const": event.name });
                one["required"] = json!(["event"]);
            }
            if let Some(description) = &event.description {
                one["description"] = description.as_str().into();
            }
            one
        });
        item["anyOf"] = events.chain([own()]).collect();
    }
    item
}

/// What the library itself sends.
fn own() -> Value {
    json!({
        "description": "An event of the library's own, such as `ereo.reset`, which tells of a loss, and `ereo.end`.",
        "properties": { "event": { "pattern": "^ereo\\." } },
        "required": ["event"],
    })
}

/// The schema in this dialect, with references into this document.
fn here(schema: &Value) -> Value {
    let mut schema = schema.clone();
    visit(&mut schema, &mut |object| {
        if let Some(Value::String(reference)) = object.get_mut("$ref")
            && let Some(name) = reference.strip_prefix(REFERENCE)
        {
            *reference = format!("{COMPONENTS}{name}");
        }
        // Each element of a tuple has its own schema under another key.
        if object.get("items").is_some_and(Value::is_array) {
            let items = object.remove("items").unwrap_or_default();
            object.insert("prefixItems".to_owned(), items);
            if let Some(rest) = object.remove("additionalItems") {
                object.insert("items".to_owned(), rest);
            }
        }
    });
    schema
}
