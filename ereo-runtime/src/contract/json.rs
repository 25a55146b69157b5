//! JSON that is the same from every build.

use serde_json::{Map, Value};

/// With all keys in order: whether a map keeps another one, some crate of the program decides.
pub(super) fn sorted(value: Value) -> Value {
    match value {
        Value::Array(items) => items.into_iter().map(sorted).collect(),
        Value::Object(members) => {
            let mut members: Vec<_> = members.into_iter().collect();
            members.sort_by(|(a, _), (b, _)| a.cmp(b));
            Value::Object(
                members.into_iter().map(|(key, value)| (key, sorted(value))).collect::<Map<_, _>>(),
            )
        }
        other => other,
    }
}

/// Text of a file.
pub(super) fn text(value: Value) -> String {
    format!("{:#}\n", sorted(value))
}
