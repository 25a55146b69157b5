//! A JSON Schema as a type of TypeScript: what `JSON.parse` gives for what it describes.

use std::fmt::Write as _;

use serde_json::{Map, Value};

use super::schemas::referred;
use super::text::{comment, doc, property, spaced};

/// The widest object that stands in one line.
const LINE: usize = 90;

/// The most elements of one type that are written out as a tuple.
const TUPLE: u64 = 16;

/// How tightly a type binds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Binding {
    Union,
    Intersection,
    Primary,
}

/// A type as text.
struct Type(String, Binding);

impl Type {
    fn primary(text: impl Into<String>) -> Self {
        Self(text.into(), Binding::Primary)
    }

    /// In parentheses, where it would bind less than its place.
    fn within(self, place: Binding) -> String {
        if self.1 < place { format!("({})", self.0) } else { self.0 }
    }
}

/// The type; `depth` is how far its lines are indented.
pub(super) fn type_of(schema: &Value, depth: usize) -> String {
    of(schema, depth).0
}

fn of(schema: &Value, depth: usize) -> Type {
    let object = match schema {
        Value::Bool(false) => return Type::primary("never"),
        Value::Object(object) => object,
        _ => return Type::primary("unknown"),
    };
    if let Some(name) = referred(schema) {
        return Type::primary(name);
    }
    if object
        .get("not")
        .is_some_and(|not| *not == Value::Bool(true) || *not == serde_json::json!({}))
    {
        return Type::primary("never");
    }
    let mut parts = Vec::new();
    let alternatives = |key: &str| object.get(key).and_then(Value::as_array);
    let is_object = object.get("type").and_then(Value::as_str) == Some("object");
    for any in [alternatives("oneOf"), alternatives("anyOf")].into_iter().flatten() {
        let any = any.iter().map(|one| part_of(one, is_object, depth + 1));
        parts.push(union(any, depth));
    }
    let all = alternatives("allOf").into_iter().flatten();
    parts.extend(all.map(|one| part_of(one, is_object, depth)));
    match own(object, !parts.is_empty(), depth) {
        // What it says itself goes first, such as a tag.
        Some(own) => parts.insert(0, own),
        None if parts.is_empty() => return Type::primary("unknown"),
        None => {}
    }
    intersection(parts)
}

/// A part of an object may say nothing, and is an object nevertheless.
fn part_of(schema: &Value, is_object: bool, depth: usize) -> Type {
    let says_nothing = schema.as_object().is_some_and(Map::is_empty);
    if is_object && says_nothing { Type::primary("{}") } else { of(schema, depth) }
}

/// What a schema says beside its parts.
fn own(object: &Map<String, Value>, has_parts: bool, depth: usize) -> Option<Type> {
    if let Some(value) = object.get("const") {
        return Some(literal(value));
    }
    if let Some(values) = object.get("enum").and_then(Value::as_array) {
        return Some(union(values.iter().map(literal), depth));
    }
    let one = |name: &str| match name {
        "null" | "boolean" => Some(Type::primary(name)),
        "integer" | "number" => Some(Type::primary("number")),
        "string" if object.get("format").and_then(Value::as_str) == Some("binary") => {
            Some(Type::primary("ArrayBuffer"))
        }
        "string" => Some(Type::primary("string")),
        "array" => Some(array(object, depth)),
        "object" => members(object, has_parts, depth),
        _ => None,
    };
    match object.get("type") {
        Some(Value::String(name)) => one(name),
        Some(Value::Array(names)) => {
            let names = names.iter().filter_map(Value::as_str);
            Some(union(names.filter_map(one), depth))
        }
        _ if object.contains_key("properties") => members(object, has_parts, depth),
        _ => None,
    }
}

fn literal(value: &Value) -> Type {
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            Type::primary(value.to_string())
        }
        Value::Array(_) | Value::Object(_) => Type::primary("unknown"),
    }
}

/// In a line each, if together they are too long for one.
fn union(types: impl Iterator<Item = Type>, depth: usize) -> Type {
    let types: Vec<Type> = types.collect();
    let length: usize = types.iter().map(|one| one.0.len() + " | ".len()).sum();
    let by = match length + 2 * depth > LINE && types.len() > 1 {
        true => format!("\n{}| ", "  ".repeat(depth + 1)),
        false => " | ".to_owned(),
    };
    match joined(types.into_iter(), &by, Binding::Union) {
        Some(Type(text, Binding::Union)) if by.starts_with('\n') => {
            Type(format!("{by}{text}"), Binding::Union)
        }
        Some(one) => one,
        None => Type::primary("never"),
    }
}

fn intersection(types: Vec<Type>) -> Type {
    joined(types.into_iter(), " & ", Binding::Intersection)
        .unwrap_or_else(|| Type::primary("unknown"))
}

/// Each type once.
fn joined(types: impl Iterator<Item = Type>, by: &str, binding: Binding) -> Option<Type> {
    let mut types: Vec<Type> = types.collect();
    let mut seen = Vec::new();
    types.retain(|one| {
        !seen.contains(&one.0) && {
            seen.push(one.0.clone());
            true
        }
    });
    if types.len() < 2 {
        return types.pop();
    }
    let within: Vec<_> = types.into_iter().map(|one| one.within(binding)).collect();
    Some(Type(within.join(by), binding))
}

fn array(object: &Map<String, Value>, depth: usize) -> Type {
    let bound = |key: &str| object.get(key).and_then(Value::as_u64);
    let (least, most) = (bound("minItems").unwrap_or(0), bound("maxItems"));
    match object.get("items") {
        Some(Value::Array(items)) => {
            let mut places: Vec<_> = items
                .iter()
                .zip(0..)
                .map(|(item, at)| match of(item, depth) {
                    item if at < least => item.0,
                    item => format!("{}?", item.within(Binding::Primary)),
                })
                .collect();
            let ends = most.is_some_and(|most| most <= items.len() as u64);
            match object.get("additionalItems") {
                Some(Value::Bool(false)) => {}
                _ if ends => {}
                Some(rest) => {
                    places.push(format!("...{}[]", of(rest, depth).within(Binding::Primary)))
                }
                None => places.push("...unknown[]".to_owned()),
            }
            Type::primary(format!("[{}]", places.join(", ")))
        }
        _ if most == Some(0) => Type::primary("[]"),
        None => Type::primary("unknown[]"),
        Some(item) => {
            let item = of(item, depth);
            match most {
                Some(most) if most == least && most <= TUPLE => {
                    let places: Vec<_> = (0..most).map(|_| item.0.as_str()).collect();
                    Type::primary(format!("[{}]", places.join(", ")))
                }
                _ => Type::primary(format!("{}[]", item.within(Binding::Primary))),
            }
        }
    }
}

/// An object's members. `None`: it says no more than its other parts do.
fn members(object: &Map<String, Value>, has_parts: bool, depth: usize) -> Option<Type> {
    let empty = Map::new();
    let properties = object.get("properties").and_then(Value::as_object).unwrap_or(&empty);
    let required: Vec<_> = match object.get("required") {
        Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    // In the order of the type, as far as it is known: whether a map keeps the order of its keys, another
    // crate of the program decides.
    let mut names: Vec<_> =
        required.iter().copied().filter(|name| properties.contains_key(*name)).collect();
    let mut others: Vec<_> =
        properties.keys().map(String::as_str).filter(|name| !names.contains(name)).collect();
    others.sort_unstable();
    names.extend(others);
    let fields = names.into_iter().map(|name| {
        let is_optional = !required.contains(&name);
        Field::new(name, is_optional, &properties[name], depth + 1)
    });
    let fields: Vec<_> = fields.collect();
    let index = index(object, depth);
    match (fields.is_empty(), index) {
        (true, None) if has_parts => None,
        (true, None) if object.get("additionalProperties") == Some(&Value::Bool(false)) => {
            Some(Type::primary("{}"))
        }
        (true, None) => Some(Type::primary("{ [key: string]: unknown }")),
        (true, Some(index)) => Some(index),
        (false, None) => Some(block(&fields, depth)),
        // Beside each other, since a member may be of another type than the rest.
        (false, Some(index)) => Some(intersection(vec![block(&fields, depth), index])),
    }
}

/// What an object has beside its members.
fn index(object: &Map<String, Value>, depth: usize) -> Option<Type> {
    let patterns = object.get("patternProperties").and_then(Value::as_object);
    let rest = object.get("additionalProperties").filter(|rest| !rest.is_boolean());
    let all = object.get("additionalProperties") == Some(&Value::Bool(true));
    let types: Vec<_> =
        patterns.into_iter().flat_map(Map::values).chain(rest).map(|one| of(one, depth)).collect();
    if types.is_empty() && !all {
        return None;
    }
    let types = if all { Type::primary("unknown") } else { union(types.into_iter(), depth) };
    Some(Type::primary(format!("{{ [key: string]: {} }}", types.0)))
}

/// A member of an object or interface.
pub(super) struct Field {
    doc: String,
    text: String,
}

impl Field {
    pub(super) fn new(name: &str, is_optional: bool, schema: &Value, depth: usize) -> Self {
        let mark = if is_optional { "?" } else { "" };
        let text = format!("{}{mark}:{}", property(name), spaced(&type_of(schema, depth)));
        Self { doc: doc(schema), text }
    }

    pub(super) fn with_doc(mut self, doc: &str) -> Self {
        if self.doc.is_empty() {
            doc.clone_into(&mut self.doc);
        }
        self
    }
}

/// Fields in braces, in one line if that is short.
pub(super) fn fields(fields: &[Field], depth: usize) -> String {
    block(fields, depth).0
}

fn block(fields: &[Field], depth: usize) -> Type {
    let texts: Vec<_> = fields.iter().map(|field| field.text.as_str()).collect();
    let line = format!("{{ {} }}", texts.join("; "));
    let is_short = line.len() + 2 * depth <= LINE && !line.contains('\n');
    if is_short && fields.iter().all(|field| field.doc.is_empty()) {
        return Type::primary(line);
    }
    let mut block = "{\n".to_owned();
    for Field { doc, text } in fields {
        let indent = "  ".repeat(depth + 1);
        block.push_str(&comment(doc, depth + 1));
        // Writing to a String cannot fail.
        let _ = writeln!(block, "{indent}{text};");
    }
    block.push_str(&"  ".repeat(depth));
    block.push('}');
    Type::primary(block)
}
