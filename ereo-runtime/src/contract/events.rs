//! An enum's schema as the events that its variants are: the schema cut at the tag, as the encoder cuts the
//! JSON.

use serde_json::{Value, json};

use super::schemas::Schemas;
use crate::message::{Form, Tagging};

/// The name of events without one.
const UNNAMED: &str = "message";

/// Events of one name.
#[derive(Debug, PartialEq)]
pub(super) struct NamedEvent {
    pub(super) name: String,
    /// What the type's documentation says of it.
    pub(super) description: Option<String>,
    /// Of the data.
    pub(super) schema: Value,
}

/// What a stream of this form sends; `None` for events of any name.
pub(super) fn events(schemas: &Schemas, form: Form, schema: &Value) -> Option<Vec<NamedEvent>> {
    let unnamed = |schema: &Value| {
        vec![NamedEvent { name: UNNAMED.to_owned(), description: None, schema: schema.clone() }]
    };
    match form {
        Form::Events => None,
        Form::Json | Form::Text | Form::Binary => Some(unnamed(schema)),
        Form::Variants { tagging: Tagging::Untagged, .. } => Some(unnamed(schema)),
        Form::Variants { tagging, untagged } => {
            // Without a schema the names are not known either.
            let variants = variants(schemas.resolve(schema))?;
            let named = variants.len().saturating_sub(untagged);
            let (named, untagged) = variants.split_at(named);
            let events = named.iter().flat_map(|variant| split(variant, tagging));
            Some(merged(events.chain(untagged.iter().flat_map(unnamed))))
        }
    }
}

/// The alternatives of an enum's schema.
fn variants(schema: &Value) -> Option<Vec<Value>> {
    if let Some(alternatives) = schema.get("oneOf").or_else(|| schema.get("anyOf")) {
        return alternatives.as_array().cloned();
    }
    match schema {
        // No variant at all.
        Value::Bool(false) => Some(Vec::new()),
        Value::Object(object) if object.contains_key("enum") || object.contains_key("const") => {
            Some(vec![schema.clone()])
        }
        _ => None,
    }
}

/// The events of one alternative, which stands for several variants if they have no content.
fn split(variant: &Value, tagging: Tagging) -> Vec<NamedEvent> {
    let description = variant.get("description").and_then(Value::as_str).map(str::to_owned);
    let event = |name: &str, schema: Value| NamedEvent {
        name: name.to_owned(),
        description: description.clone(),
        schema,
    };
    let properties = variant.get("properties");
    let tag = |tag: &str| properties?.get(tag)?.get("const")?.as_str();
    let whole = || vec![event(UNNAMED, variant.clone())];
    match tagging {
        Tagging::External => {
            let names = variant.get("enum").and_then(Value::as_array);
            let name = variant.get("const").into_iter().chain(names.into_iter().flatten());
            let names: Vec<_> = name.filter_map(Value::as_str).collect();
            if !names.is_empty() {
                return names
                    .into_iter()
                    .map(|name| event(name, json!({ "type": "null" })))
                    .collect();
            }
            match properties.and_then(Value::as_object).and_then(|object| object.iter().next()) {
                Some((name, content)) => vec![event(name, content.clone())],
                None => whole(),
            }
        }
        Tagging::Internal(key) => match tag(key) {
            Some(name) => vec![event(name, without_description(variant))],
            None => whole(),
        },
        Tagging::Adjacent { tag: key, content } => match tag(key) {
            Some(name) => {
                let content = properties.and_then(|properties| properties.get(content));
                vec![event(name, content.cloned().unwrap_or_else(|| json!({ "type": "null" })))]
            }
            None => whole(),
        },
        Tagging::Untagged => whole(),
    }
}

/// The event says it already.
fn without_description(variant: &Value) -> Value {
    let mut variant = variant.clone();
    if let Some(object) = variant.as_object_mut() {
        object.remove("description");
    }
    variant
}

/// One event a name, in the order of the variants.
fn merged(events: impl Iterator<Item = NamedEvent>) -> Vec<NamedEvent> {
    let mut merged: Vec<NamedEvent> = Vec::new();
    for event in events {
        match merged.iter_mut().find(|known| known.name == event.name) {
            Some(known) => {
                let first = known.schema.take();
                known.schema = match first {
                    Value::Object(mut object)
                        if object.contains_key("anyOf") && object.len() == 1 =>
                    {
                        if let Some(Value::Array(any)) = object.get_mut("anyOf") {
                            any.push(event.schema);
                        }
                        Value::Object(object)
                    }
                    first => json!({ "anyOf": [first, event.schema] }),
                };
            }
            None => merged.push(event),
        }
    }
    merged
}
