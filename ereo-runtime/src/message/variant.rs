//! An enum's variant as event name and content, read off the JSON that serde wrote.
//!
//! Reading serde's own output makes every rename, `rename_all`, `skip` and `with` count without a
//! second implementation of serde's rules.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::value::RawValue;

use super::{EncodeError, to_json};

/// How serde represents the enum: its `tag`, `content` and `untagged` attributes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tagging {
    /// `{"variant": content}`, or `"variant"` without content: serde's default.
    External,
    /// `#[serde(tag = "..")]`: the tag stands among the content, and stays there.
    Internal(&'static str),
    /// `#[serde(tag = "..", content = "..")]`.
    Adjacent {
        /// The key of the variant's name.
        tag: &'static str,
        /// The key of its content.
        content: &'static str,
    },
    /// `#[serde(untagged)]`: no names, so the events have none either.
    Untagged,
}

/// The variant's name, where the representation has one, and its content as JSON (`null` for a
/// variant without content).
pub(super) fn name_and_content<T: Serialize + ?Sized>(
    value: &T,
    tagging: Tagging,
) -> Result<(Option<String>, String), EncodeError> {
    let json = to_json(value)?;
    let split = match tagging {
        Tagging::Untagged => None,
        Tagging::External => external(&json),
        Tagging::Internal(tag) => internal(&json, tag).map(|name| (name, json.clone())),
        Tagging::Adjacent { tag, content } => adjacent(&json, tag, content),
    };
    // A hand-written `Serialize` may write anything; what has no variant goes out whole and unnamed.
    Ok(match split {
        Some((name, content)) => (Some(name), content),
        None => (None, json),
    })
}

fn external(json: &str) -> Option<(String, String)> {
    if let Ok(name) = serde_json::from_str::<String>(json) {
        return Some((name, "null".to_owned()));
    }
    let mut object = object(json)?;
    match object.pop_first() {
        Some((name, content)) if object.is_empty() => Some((name, content.get().to_owned())),
        _ => None,
    }
}

fn internal(json: &str, tag: &str) -> Option<String> {
    serde_json::from_str(object(json)?.get(tag)?.get()).ok()
}

fn adjacent(json: &str, tag: &str, content: &str) -> Option<(String, String)> {
    let object = object(json)?;
    let name = serde_json::from_str(object.get(tag)?.get()).ok()?;
    let content = object.get(content).map_or("null", |content| content.get());
    Some((name, content.to_owned()))
}

fn object(json: &str) -> Option<BTreeMap<String, &RawValue>> {
    serde_json::from_str(json).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Serialize)]
    #[serde(rename_all = "snake_case")]
    enum External {
        UserLeft,
        Chat {
            z: u8,
            a: u8,
        },
        Pair(u8, f32),
        #[serde(rename = "quo\"ted")]
        One(String),
    }

    #[derive(Serialize)]
    #[serde(tag = "type", rename_all = "lowercase")]
    enum Internal {
        Chat { text: String },
    }

    #[derive(Serialize)]
    #[serde(tag = "t", content = "c")]
    enum Adjacent {
        Unit,
        Pair(u8, u8),
    }

    fn split<T: Serialize>(value: &T, tagging: Tagging) -> (Option<String>, String) {
        name_and_content(value, tagging).unwrap()
    }

    fn named(name: &str, content: &str) -> (Option<String>, String) {
        (Some(name.to_owned()), content.to_owned())
    }

    #[test]
    fn external_tag_is_the_name_and_field_order_is_kept() {
        let tagging = Tagging::External;
        assert_eq!(split(&External::UserLeft, tagging), named("user_left", "null"));
        assert_eq!(
            split(&External::Chat { z: 1, a: 2 }, tagging),
            named("chat", r#"{"z":1,"a":2}"#)
        );
        assert_eq!(split(&External::Pair(1, 0.1), tagging), named("pair", "[1,0.1]"));
        assert_eq!(split(&External::One("x".into()), tagging), named("quo\"ted", r#""x""#));
    }

    #[test]
    fn internal_tag_is_the_name_and_stays_in_the_content() {
        let value = Internal::Chat { text: "hi".into() };
        let expected = named("chat", r#"{"type":"chat","text":"hi"}"#);
        assert_eq!(split(&value, Tagging::Internal("type")), expected);
    }

    #[test]
    fn adjacent_tag_is_the_name_and_content_the_data() {
        let tagging = Tagging::Adjacent { tag: "t", content: "c" };
        assert_eq!(split(&Adjacent::Unit, tagging), named("Unit", "null"));
        assert_eq!(split(&Adjacent::Pair(1, 2), tagging), named("Pair", "[1,2]"));
    }

    #[test]
    fn what_has_no_variant_goes_out_whole() {
        assert_eq!(split(&[1, 2], Tagging::External), (None, "[1,2]".to_owned()));
        assert_eq!(split(&(), Tagging::Untagged), (None, "null".to_owned()));
    }
}
