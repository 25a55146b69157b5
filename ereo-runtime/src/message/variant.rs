//! An enum's variant as event name and content, read off the JSON that serde wrote.
//!
//! Reading serde's own output makes every rename, `rename_all`, `skip` and `with` count without a
//! second implementation of serde's rules.

use std::ops::Range;

use serde::Serialize;

use super::members::Members;
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
    let mut json = to_json(value)?;
    let split = match tagging {
        Tagging::Untagged => None,
        Tagging::External => external(&json),
        Tagging::Internal(tag) => internal(&json, tag),
        Tagging::Adjacent { tag, content } => adjacent(&json, tag, content),
    };
    // A hand-written `Serialize` may write anything; what has no variant goes out whole and unnamed.
    let Some(Split { name, content }) = split else { return Ok((None, json)) };
    match content {
        Some(content) => {
            json.truncate(content.end);
            json.drain(..content.start);
        }
        None => "null".clone_into(&mut json),
    }
    Ok((Some(name), json))
}

/// The variant's name, and where its content stands, if it has some.
struct Split {
    name: String,
    content: Option<Range<usize>>,
}

fn external(json: &str) -> Option<Split> {
    if json.starts_with('"') {
        return Some(Split { name: serde_json::from_str(json).ok()?, content: None });
    }
    let mut members = Members::of(json)?;
    let name = members.key()?.to_text()?;
    let content = members.place()?;
    // Its only member, else it is no variant.
    members.key().is_none().then_some(Split { name, content: Some(content) })
}

fn internal(json: &str, tag: &str) -> Option<Split> {
    let mut members = Members::of(json)?;
    // The tag is written first, so nothing is looked at of the rest.
    while !members.key()?.is(tag) {
        members.place()?;
    }
    Some(Split { name: members.value()?, content: Some(0..json.len()) })
}

fn adjacent(json: &str, tag: &str, content: &str) -> Option<Split> {
    let mut members = Members::of(json)?;
    let (mut name, mut place) = (None, None);
    while let Some(key) = members.key() {
        if key.is(tag) {
            name = Some(members.value()?);
        } else {
            let value = members.place()?;
            if key.is(content) {
                place = Some(value);
            }
        }
    }
    Some(Split { name: name?, content: place })
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
    fn the_variant_is_the_name_whatever_its_content_calls_so() {
        #[derive(Serialize)]
        struct Inner {
            r#type: &'static str,
        }

        #[derive(Serialize)]
        #[serde(tag = "type")]
        enum Outer {
            Seen(Inner),
        }

        let expected = named("Seen", r#"{"type":"Seen","type":"other"}"#);
        let value = Outer::Seen(Inner { r#type: "other" });
        assert_eq!(split(&value, Tagging::Internal("type")), expected);
    }

    #[test]
    fn a_tag_is_found_wherever_it_stands() {
        let json = |json: &str| serde_json::value::RawValue::from_string(json.to_owned()).unwrap();
        let late = json(r#"{ "a": "}", "type" : "late" }"#);
        let whole = late.get().to_owned();
        assert_eq!(split(&late, Tagging::Internal("type")), named("late", &whole));
        assert_eq!(split(&late, Tagging::Internal("b")), (None, whole));
        let turned = json(r#"{ "c" : [1, 2] , "x" : 1, "t" : "late" }"#);
        let tagging = Tagging::Adjacent { tag: "t", content: "c" };
        assert_eq!(split(&turned, tagging), named("late", "[1, 2]"));
        let spaced = json(r#"{ "late" : {"a": 1} }"#);
        assert_eq!(split(&spaced, Tagging::External), named("late", r#"{"a": 1}"#));
        let number = json(r#"{"type":1}"#);
        assert_eq!(split(&number, Tagging::Internal("type")).0, None);
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
        let two = serde_json::json!({ "a": 1, "b": 2 });
        assert_eq!(split(&two, Tagging::External), (None, two.to_string()));
        assert_eq!(split(&(), Tagging::Untagged), (None, "null".to_owned()));
    }
}
