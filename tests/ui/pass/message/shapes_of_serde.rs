//! What serde writes as an object, and keys that it knows.

#![forbid(unsafe_code)]
#![deny(missing_docs, warnings)]

use std::collections::{BTreeMap, HashMap};

use ereo_runtime::prelude::*;

#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct Inner {
    number: u8,
}

#[derive(Serialize, Message)]
#[serde(tag = "type")]
enum Tagged {
    Inner(Inner),
    Boxed(Box<Inner>),
    Map(BTreeMap<String, u8>),
    Unit(()),
    Empty,
    #[serde(untagged)]
    Rest(u8),
}

#[derive(Serialize, Message)]
struct Flat<'a> {
    #[serde(borrow)]
    text: std::borrow::Cow<'a, str>,
    #[serde(flatten)]
    inner: Option<Inner>,
    #[serde(flatten)]
    others: HashMap<String, Vec<(u8, u8)>>,
    numbers: HashMap<i64, u8>,
    flags: BTreeMap<bool, char>,
}

fn main() {
    let messages = [
        Tagged::Inner(Inner { number: 1 }),
        Tagged::Boxed(Box::default()),
        Tagged::Map(BTreeMap::new()),
        Tagged::Unit(()),
        Tagged::Empty,
        Tagged::Rest(1),
    ];
    for message in messages {
        message.to_event().expect("it is sent");
    }
    let flat = Flat {
        text: "a".into(),
        inner: None,
        others: HashMap::from([("b".into(), vec![(1, 2)])]),
        numbers: HashMap::from([(1, 2)]),
        flags: BTreeMap::from([(true, 'x')]),
    };
    assert!(flat.to_event().is_ok());
}
