//! The members of a JSON object, one after the other, where they stand in its text.

use std::ops::Range;

use serde::Deserialize;
use serde_json::Deserializer;
use serde_json::value::RawValue;

/// Reads as far as it is asked to: a key, its value, the next key. What is not JSON ends it, but the
/// text is serde's own.
pub(super) struct Members<'a> {
    json: &'a str,
    /// Behind what was read last.
    at: usize,
}

/// A key as it is written, quotes and escapes included.
pub(super) struct Key<'a>(&'a str);

impl<'a> Members<'a> {
    /// `None` for what is no object.
    pub(super) fn of(json: &'a str) -> Option<Self> {
        let mut members = Self { json, at: 0 };
        members.pass('{').then_some(members)
    }

    /// The next member's key, once the value of the one before was read.
    pub(super) fn key(&mut self) -> Option<Key<'a>> {
        // Before the first one stands no comma, and behind the last one a brace.
        self.pass(',');
        if self.rest().starts_with('}') {
            return None;
        }
        let key = self.value::<&RawValue>()?.get();
        self.pass(':').then_some(Key(key))
    }

    /// The value behind the key.
    pub(super) fn value<T: Deserialize<'a>>(&mut self) -> Option<T> {
        let mut values = Deserializer::from_str(&self.json[self.at..]).into_iter();
        let value = values.next()?.ok()?;
        self.at += values.byte_offset();
        Some(value)
    }

    /// Where the value behind the key stands.
    pub(super) fn place(&mut self) -> Option<Range<usize>> {
        let value = self.value::<&RawValue>()?.get();
        Some(self.at - value.len()..self.at)
    }

    /// Whether this comes next; it is then behind.
    fn pass(&mut self, expected: char) -> bool {
        let rest = self.rest();
        let found = rest.starts_with(expected);
        if found {
            self.at = self.json.len() - rest.len() + expected.len_utf8();
        }
        found
    }

    /// What was not read yet, from its first character on.
    fn rest(&self) -> &'a str {
        self.json[self.at..].trim_ascii_start()
    }
}

impl Key<'_> {
    /// Whether it is this text.
    pub(super) fn is(&self, text: &str) -> bool {
        if self.0.contains('\\') {
            return self.to_text().as_deref() == Some(text);
        }
        self.0.trim_matches('"') == text
    }

    /// The text that it is.
    pub(super) fn to_text(&self) -> Option<String> {
        serde_json::from_str(self.0).ok()
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::{btree_map, vec};
    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;

    fn value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            any::<String>().prop_map(Value::from),
            // What stands between members, where it separates nothing.
            "[{}\",:\\\\ ]{0,6}".prop_map(Value::from),
        ];
        leaf.prop_recursive(3, 12, 3, |inner| {
            prop_oneof![
                vec(inner.clone(), 0..3).prop_map(Value::from),
                btree_map(any::<String>(), inner, 0..3)
                    .prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        })
    }

    /// An object's text, with `space` wherever JSON allows some.
    fn object(members: &[(String, Value)], space: &str) -> String {
        let member = |(key, value): &(String, Value)| {
            format!("{space}{}{space}:{space}{value}{space}", Value::from(key.as_str()))
        };
        let members: Vec<String> = members.iter().map(member).collect();
        format!("{space}{{{space}{}}}{space}", members.join(","))
    }

    proptest! {
        #[test]
        fn reads_back_every_member_in_its_place(
            written in vec((any::<String>(), value()), 0..4), space in "[ \n\r\t]{0,2}",
        ) {
            let json = object(&written, &space);
            let mut members = Members::of(&json).unwrap();
            for (name, value) in &written {
                let key = members.key().unwrap();
                prop_assert!(key.is(name));
                let longer = format!("{name}x");
                prop_assert!(!key.is(&longer));
                prop_assert_eq!(&key.to_text().unwrap(), name);
                let value = value.to_string();
                prop_assert_eq!(&json[members.place().unwrap()], value);
            }
            prop_assert!(members.key().is_none());
        }

        #[test]
        fn what_is_no_object_has_none(value in value()) {
            let json = value.to_string();
            prop_assert_eq!(Members::of(&json).is_some(), value.is_object());
        }

        #[test]
        fn no_text_panics_or_goes_on_for_ever(json in "[{}\",:\\\\ a1]{0,12}") {
            let Some(mut members) = Members::of(&json) else { return Ok(()) };
            for _ in 0..=json.len() {
                if members.key().is_none() || members.place().is_none() {
                    return Ok(());
                }
            }
            prop_assert!(false, "more members than characters");
        }
    }

    #[test]
    fn a_key_with_escapes_is_the_text_that_it_stands_for() {
        let mut members = Members::of(r#"{"t\u0079pe":"a"}"#).unwrap();
        let key = members.key().unwrap();
        assert!(key.is("type") && !key.is(r"t\u0079pe"));
        assert_eq!(members.value::<String>().as_deref(), Some("a"));
    }
}
