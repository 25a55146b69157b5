//! An event's name and data, cut out of the JSON that serde writes of an enum: the name is the
//! variant's, whatever the variant holds. One byte chooses the variant, the rest is what it holds, JSON
//! or a text.

use ereo_runtime::Message;
use serde::Serialize;
use serde_json::{Map, Value};

use super::Target;

pub(super) const TARGET: Target = Target { name: "names", run, dictionary: DICTIONARY };

const DICTIONARY: &[&[u8]] = &[
    b"{\"type\":\"a\"",
    b"\"t\":\"a\"",
    b"\"c\":",
    b"}",
    b"{",
    b",",
    b":",
    b"\"t\\u0079pe\"",
    b"\"ereo.reset\"",
    b"\\n",
    b" ",
    b"null",
    b"[1,2]",
    b"\"\\\"",
    b"\"Held\":",
    b"\"held\":",
];

#[derive(Serialize, Message)]
enum External {
    Held(Value),
    Named { c: Value, r#type: Value },
    Pair(Value, Value),
    Unit,
}

#[derive(Serialize, Message)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Internal {
    Held(Map<String, Value>),
    Named { c: Value },
}

#[derive(Serialize, Message)]
#[serde(tag = "t", content = "c")]
enum Adjacent {
    Held(Value),
    Named { c: Value, t: Value },
    Unit,
}

#[derive(Serialize, Message)]
#[serde(untagged)]
enum Untagged {
    Held(Value),
}

fn run(input: &[u8]) {
    let Some((variant, rest)) = input.split_first() else { return };
    let text = String::from_utf8_lossy(rest);
    let held = serde_json::from_str(&text).unwrap_or_else(|_| Value::from(&*text));
    let other = Value::from(&*text);
    match variant % 10 {
        0 => check(&External::Held(held.clone()), Some("Held"), &held),
        1 => {
            let data = object([("c", held.clone()), ("type", other.clone())]);
            check(&External::Named { c: held, r#type: other }, Some("Named"), &data);
        }
        2 => {
            let data = Value::from(vec![held.clone(), other.clone()]);
            check(&External::Pair(held, other), Some("Pair"), &data);
        }
        3 => check(&External::Unit, Some("Unit"), &Value::Null),
        4 => {
            let mut members = match held {
                Value::Object(members) => members,
                other => Map::from_iter([("x".to_owned(), other)]),
            };
            // Serde would write it twice, which no `Value` can hold.
            members.remove("type");
            let mut data = members.clone();
            data.insert("type".to_owned(), "held".into());
            check(&Internal::Held(members), Some("held"), &Value::Object(data));
        }
        5 => {
            let data = object([("c", held.clone()), ("type", "named".into())]);
            check(&Internal::Named { c: held }, Some("named"), &data);
        }
        6 => check(&Adjacent::Held(held.clone()), Some("Held"), &held),
        7 => {
            let data = object([("c", held.clone()), ("t", other.clone())]);
            check(&Adjacent::Named { c: held, t: other }, Some("Named"), &data);
        }
        8 => check(&Adjacent::Unit, Some("Unit"), &Value::Null),
        _ => check(&Untagged::Held(held.clone()), None, &held),
    }
}

fn check<M: Message>(message: &M, name: Option<&str>, data: &Value) {
    let event = message.to_event().expect("it serializes");
    assert_eq!(event.event_str(), name);
    let found: Value = serde_json::from_str(event.data_str().expect("data")).expect("JSON");
    // Read once more than it was: the last digit of a number may change by it.
    let data: Value = serde_json::from_str(&data.to_string()).expect("JSON");
    assert_eq!(found, data);
}

fn object<const N: usize>(members: [(&str, Value); N]) -> Value {
    Value::Object(members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
}
