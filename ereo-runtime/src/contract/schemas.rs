//! The schemas of all types that routes name: asked for in both directions, brought to one dialect (JSON
//! Schema draft-07, AsyncAPI's), and named.

use std::collections::{BTreeMap, BTreeSet};

use schemars::generate::SchemaSettings;
use schemars::transform::{RecursiveTransform, Transform as _};
use schemars::{Schema, SchemaGenerator};
use serde_json::Value;

use super::names::{Named, names};
use crate::message::Describe;
use crate::message::identity::{IDENTITY, OF_A_CONTRACT};

/// Where definitions stand in a schema as schemars writes it.
const DEFINITIONS: &str = "#/definitions/";

/// What precedes a definition's name in a reference, once it has one.
pub(super) const REFERENCE: &str = "#/schemas/";

/// Which way a message goes: serde writes some types otherwise than it reads them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Way {
    /// From the server.
    Sent,
    /// To the server.
    Received,
}

/// Asks types for their schemas.
pub(super) struct Asking {
    sent: SchemaGenerator,
    received: SchemaGenerator,
}

impl Asking {
    pub(super) fn new() -> Self {
        let settings =
            SchemaSettings::draft07().with(|own| own.meta_schema = Some(OF_A_CONTRACT.into()));
        Self {
            sent: settings.clone().for_serialize().into_generator(),
            received: settings.for_deserialize().into_generator(),
        }
    }

    pub(super) fn ask(&mut self, way: Way, describe: Describe) -> Value {
        describe(self.generator(way)).to_value()
    }

    fn generator(&mut self, way: Way) -> &mut SchemaGenerator {
        match way {
            Way::Sent => &mut self.sent,
            Way::Received => &mut self.received,
        }
    }

    /// All that was asked for, by names.
    pub(super) fn answered(mut self) -> Schemas {
        let mut all = BTreeMap::new();
        for way in [Way::Sent, Way::Received] {
            let generator = self.generator(way);
            for (key, value) in generator.take_definitions(false) {
                let definition = Definition::new(value, generator);
                all.insert((way, key), definition);
            }
        }
        let same = same_both_ways(&all);
        let called = called(&all, &same);
        let mut schemas = Schemas { definitions: BTreeMap::new(), called, transforms: self };
        for ((way, key), Definition { mut schema, .. }) in all {
            schemas.refer(way, &mut schema);
            if let Some(name) = schemas.called.get(&(way, key)) {
                schemas.definitions.insert(name.clone(), schema);
            }
        }
        schemas
    }
}

/// One definition as a generator gave it.
#[derive(Debug)]
struct Definition {
    schema: Value,
    /// The type, where its derive is ours.
    identity: Option<Value>,
}

impl Definition {
    fn new(schema: Value, generator: &mut SchemaGenerator) -> Self {
        let identity = schema.get(IDENTITY).cloned();
        Self { schema: in_our_dialect(schema, generator), identity }
    }
}

/// Draft-07, without what only the contract's own making needs or what may differ from run to run.
fn in_our_dialect(value: Value, generator: &mut SchemaGenerator) -> Value {
    let Ok(mut schema) = Schema::try_from(value) else { return true.into() };
    RecursiveTransform(|schema: &mut Schema| {
        schema.remove(IDENTITY);
        // What a default is, code of the user's decides.
        schema.remove("default");
    })
    .transform(&mut schema);
    for transform in generator.transforms_mut() {
        transform.transform(&mut schema);
    }
    schema.to_value()
}

/// The types that look the same both ways, by the keys of their definitions.
fn same_both_ways(all: &BTreeMap<(Way, String), Definition>) -> BTreeMap<String, String> {
    let identity = |key: &String, definition: &Definition| {
        definition.identity.as_ref().map_or_else(|| key.clone(), ToString::to_string)
    };
    let mut received = BTreeMap::new();
    for ((way, key), definition) in all {
        if *way == Way::Received {
            received.insert(identity(key, definition), key.clone());
        }
    }
    let mut same: BTreeMap<String, String> = all
        .iter()
        .filter(|((way, _), _)| *way == Way::Sent)
        .filter_map(|((_, key), definition)| {
            Some((key.clone(), received.get(&identity(key, definition))?.clone()))
        })
        .collect();
    loop {
        // As the other way would write it; what refers to a type that differs differs too.
        let differs = same.iter().find(|(sent, received)| {
            let mut schema = all[&(Way::Sent, (*sent).clone())].schema.clone();
            let mut all_same = true;
            each_reference(&mut schema, |key| match same.get(&key) {
                Some(received) => format!("{DEFINITIONS}{received}"),
                None => {
                    all_same = false;
                    key
                }
            });
            let mut other = all[&(Way::Received, (*received).clone())].schema.clone();
            each_reference(&mut other, |key| format!("{DEFINITIONS}{key}"));
            !all_same || schema != other
        });
        match differs.map(|(sent, _)| sent.clone()) {
            Some(sent) => same.remove(&sent),
            None => return same,
        };
    }
}

/// What every definition is called.
fn called(
    all: &BTreeMap<(Way, String), Definition>,
    same: &BTreeMap<String, String>,
) -> BTreeMap<(Way, String), String> {
    let named: Vec<_> = all
        .iter()
        .map(|((_, key), definition)| Named::new(key, definition.identity.as_ref()))
        .collect();
    let names = names(&named);
    let mut called = BTreeMap::new();
    let mut used: BTreeSet<String> = names.iter().cloned().collect();
    for ((way, key), name) in all.keys().zip(names) {
        let shared = same.values().any(|received| received == key);
        let is_also_sent =
            || called.iter().any(|((way, _), sent)| *way == Way::Sent && *sent == name);
        let name = if *way == Way::Received && !shared && is_also_sent() {
            let mut other = format!("{name}Input");
            while !used.insert(other.clone()) {
                other.push('_');
            }
            other
        } else {
            name
        };
        called.insert((*way, key.clone()), name);
    }
    called
}

/// Definitions by name, which refer to each other by [`REFERENCE`].
pub(super) struct Schemas {
    pub(super) definitions: BTreeMap<String, Value>,
    called: BTreeMap<(Way, String), String>,
    transforms: Asking,
}

impl Schemas {
    /// Brings what was asked for to the definitions' dialect and names.
    pub(super) fn finish(&mut self, way: Way, schema: Value) -> Value {
        let mut schema = in_our_dialect(schema, self.transforms.generator(way));
        self.refer(way, &mut schema);
        schema
    }

    fn refer(&self, way: Way, schema: &mut Value) {
        each_reference(schema, |key| match self.called.get(&(way, key)) {
            Some(name) => format!("{REFERENCE}{name}"),
            None => "#".to_owned(),
        });
    }

    /// Follows a reference.
    pub(super) fn resolve<'a>(&'a self, schema: &'a Value) -> &'a Value {
        let mut schema = schema;
        // A type that is only itself has no end.
        for _ in 0..self.definitions.len() {
            match referred(schema).and_then(|name| self.definitions.get(name)) {
                Some(definition) => schema = definition,
                None => break,
            }
        }
        schema
    }

    /// Leaves only what these schemas need.
    pub(super) fn keep_used<'a>(&mut self, roots: impl Iterator<Item = &'a Value>) {
        let mut used = BTreeSet::new();
        let mut open: Vec<String> = roots.flat_map(references).collect();
        while let Some(name) = open.pop() {
            if let Some(definition) = self.definitions.get(&name)
                && used.insert(name)
            {
                open.extend(references(definition));
            }
        }
        self.definitions.retain(|name, _| used.contains(name));
    }
}

/// The name of the definition that a schema is.
pub(super) fn referred(schema: &Value) -> Option<&str> {
    schema.get("$ref")?.as_str()?.strip_prefix(REFERENCE)
}

fn references(schema: &Value) -> Vec<String> {
    let mut found = Vec::new();
    let mut schema = schema.clone();
    visit(&mut schema, &mut |object| {
        let name = object.get("$ref").and_then(Value::as_str);
        found.extend(name.and_then(|name| name.strip_prefix(REFERENCE)).map(str::to_owned));
    });
    found
}

/// Replaces references to a generator's definitions, given by their keys.
fn each_reference(schema: &mut Value, mut replaced: impl FnMut(String) -> String) {
    visit(schema, &mut |object| {
        let Some(Value::String(reference)) = object.get_mut("$ref") else { return };
        if let Some(key) = reference.strip_prefix(DEFINITIONS) {
            let key = percent_encoding::percent_decode_str(key).decode_utf8_lossy();
            *reference = replaced(key.replace("~1", "/").replace("~0", "~"));
        }
    });
}

/// Calls back for each schema within this one that is an object.
pub(super) fn visit(
    schema: &mut Value,
    callback: &mut impl FnMut(&mut serde_json::Map<String, Value>),
) {
    if let Ok(schema) = <&mut Schema>::try_from(schema) {
        RecursiveTransform(|schema: &mut Schema| {
            if let Some(object) = schema.as_object_mut() {
                callback(object);
            }
        })
        .transform(schema);
    }
}
