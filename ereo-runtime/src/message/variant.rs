//! An enum's variant as event name and content: the name as serde says it, the content cut out of the
//! JSON that serde wrote.
//!
//! Serde's own derive is asked for both, so that every rename, `rename_all`, `skip` and `with` counts
//! without a second implementation of serde's rules.

use std::ops::Range;

use serde::Serialize;

use super::encode_error::EncodeError;
use super::members::Members;
use super::{heard, to_json};

/// How serde represents the value: the enum's `tag`, `content` and `untagged` attributes, or the
/// variant's own `untagged`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tagging {
    /// `{"variant": content}`, or `"variant"` without content: serde's default.
    External,
    /// `#[serde(tag = "..")]`: the tag stands before the content, and stays there.
    Internal(&'static str),
    /// `#[serde(tag = "..", content = "..")]`.
    Adjacent {
        /// The key of the variant's name.
        tag: &'static str,
        /// The key of its content.
        content: &'static str,
    },
    /// `#[serde(untagged)]`: no name, so the event has none either.
    Untagged,
}

/// The variant's name, where the representation has one, and its content as JSON (`null` for a
/// variant without content).
pub(super) fn name_and_content<T: Serialize + ?Sized>(
    value: &T,
    tagging: Tagging,
) -> Result<(Option<String>, String), EncodeError> {
    let mut json = to_json(value)?;
    // A hand-written `Serialize` may write anything; what is no variant goes out whole and unnamed.
    let Some(name) = heard::variant(value, tagging) else { return Ok((None, json)) };
    let place = match tagging {
        Tagging::Untagged | Tagging::Internal(_) => return Ok((Some(name), json)),
        Tagging::External => external(&json, &name),
        Tagging::Adjacent { content, .. } => adjacent(&json, content),
    };
    match place {
        None => return Ok((None, json)),
        Some(Content::At(place)) => {
            json.truncate(place.end);
            json.drain(..place.start);
        }
        Some(Content::None) => "null".clone_into(&mut json),
    }
    Ok((Some(name), json))
}

/// What a variant holds, and where that stands.
enum Content {
    At(Range<usize>),
    None,
}

fn external(json: &str, name: &str) -> Option<Content> {
    if json.starts_with('"') {
        return Some(Content::None);
    }
    let mut members = Members::of(json)?;
    let named = members.key()?.is(name);
    let content = members.place()?;
    (named && members.key().is_none()).then_some(Content::At(content))
}

fn adjacent(json: &str, content: &str) -> Option<Content> {
    let mut members = Members::of(json)?;
    let mut found = Content::None;
    while let Some(key) = members.key() {
        let value = members.place()?;
        if key.is(content) {
            found = Content::At(value);
        }
    }
    Some(found)
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
    fn no_shape_is_taken_for_a_variant() {
        let json = |json: &str| serde_json::value::RawValue::from_string(json.to_owned()).unwrap();
        let adjacent = Tagging::Adjacent { tag: "t", content: "c" };
        for shape in
            [r#"{"type":"a"}"#, r#"{"a":1}"#, r#""a""#, r#"{"t":"a","c":1}"#, r#"{ "t" : "a" }"#]
        {
            for tagging in [Tagging::External, Tagging::Internal("type"), adjacent] {
                let whole = (None, shape.to_owned());
                assert_eq!(split(&json(shape), tagging), whole);
                assert_eq!(split(&shape, tagging).0, None);
            }
            let value: serde_json::Value = serde_json::from_str(shape).unwrap();
            assert_eq!(split(&value, Tagging::External), (None, value.to_string()));
        }
    }

    #[test]
    fn an_adjacent_variant_is_cut_out_whatever_else_is_written() {
        #[derive(Serialize)]
        #[serde(tag = "a\"", content = "\u{e9}")]
        enum Odd {
            Nested { c: Vec<Adjacent> },
        }

        let tagging = Tagging::Adjacent { tag: "a\"", content: "\u{e9}" };
        let value = Odd::Nested { c: vec![Adjacent::Unit, Adjacent::Pair(1, 2)] };
        let content = r#"{"c":[{"t":"Unit"},{"t":"Pair","c":[1,2]}]}"#;
        assert_eq!(split(&value, tagging), named("Nested", content));
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
