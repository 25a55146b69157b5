//! JSON as browsers write it, a little more than serde_json reads.
//!
//! A JavaScript string may hold half of a surrogate pair, such as of an emoji that was cut, and
//! `JSON.stringify` writes it as an escape (ECMA-262, `QuoteJSONString`). It stands for no character, and
//! is read as U+FFFD, as browsers encode it where they write UTF-8. A byte order mark before the text is
//! passed over, as RFC 8259 section 8.1 allows.

use std::borrow::Cow;

use serde::de::DeserializeOwned;
use serde_json::Error;

use crate::message::Payload;

/// Reads what a frame holds. Only what cannot be read as it is costs another look.
pub(super) fn read<T: DeserializeOwned>(frame: &Payload) -> Result<T, Error> {
    let (read, bytes): (_, &[u8]) = match frame {
        Payload::Text(text) => (serde_json::from_str(text), text.as_bytes()),
        Payload::Binary(bytes) => (serde_json::from_slice(bytes), bytes),
    };
    read.or_else(|error| match mended(bytes) {
        Some(mended) => serde_json::from_slice(&mended),
        None => Err(error),
    })
}

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// As long as the escape that it stands for, so that an error's place is the same.
const REPLACEMENT: &[u8; 6] = b"\\ufffd";

/// The text without what serde_json does not read, if it has such.
fn mended(json: &[u8]) -> Option<Cow<'_, [u8]>> {
    let text = json.strip_prefix(BYTE_ORDER_MARK).unwrap_or(json);
    let mut mended = Cow::Borrowed(text);
    let mut at = 0;
    while let Some(found) = memchr::memchr(b'\\', text.get(at..).unwrap_or_default()) {
        at += found;
        let (length, is_lone) = escape(&text[at..]);
        if is_lone {
            mended.to_mut()[at..at + REPLACEMENT.len()].copy_from_slice(REPLACEMENT);
        }
        at += length;
    }
    let differs = matches!(mended, Cow::Owned(_)) || text.len() < json.len();
    differs.then_some(mended)
}

/// How long the escape is with which the text begins, its other half included, and whether it is a half
/// by itself. Outside of strings JSON has no backslash: what is found there is no JSON either way.
fn escape(text: &[u8]) -> (usize, bool) {
    match unit(text) {
        Some(0xd800..=0xdbff) => match unit(&text[REPLACEMENT.len()..]) {
            Some(0xdc00..=0xdfff) => (2 * REPLACEMENT.len(), false),
            _ => (REPLACEMENT.len(), true),
        },
        Some(0xdc00..=0xdfff) => (REPLACEMENT.len(), true),
        Some(_) => (REPLACEMENT.len(), false),
        // With what it escapes, which may be a backslash.
        None => (2, false),
    }
}

/// The UTF-16 code unit of the escape with which the text begins.
fn unit(text: &[u8]) -> Option<u16> {
    let digits = text.strip_prefix(b"\\u")?.get(..4)?;
    digits.iter().try_fold(0, |unit, digit| {
        let digit = char::from(*digit).to_digit(16)?;
        Some(unit << 4 | digit as u16)
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use bytes::Bytes;
    use bytestring::ByteString;
    use proptest::collection::vec;
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    fn of_text<T: DeserializeOwned>(json: &str) -> Result<T, Error> {
        let text = read(&Payload::Text(ByteString::from(json)));
        let binary = read::<T>(&Payload::Binary(Bytes::copy_from_slice(json.as_bytes())));
        assert_eq!(text.is_ok(), binary.is_ok(), "{json}");
        text
    }

    /// As `JSON.stringify` writes a string of these code units, with more escapes where `more` says so.
    fn stringify(units: &[u16], more: &[bool]) -> String {
        let mut json = String::from("\"");
        for (at, unit) in char::decode_utf16(units.iter().copied()).enumerate() {
            let escaped = more.get(at).copied().unwrap_or(false);
            match unit {
                Ok(c) if c < ' ' || escaped => {
                    for unit in c.encode_utf16(&mut [0; 2]) {
                        json.push_str(&format!("\\u{unit:04x}"));
                    }
                }
                Ok(c @ ('"' | '\\')) => json.extend(['\\', c]),
                Ok(c) => json.push(c),
                Err(half) => json.push_str(&format!("\\u{:04X}", half.unpaired_surrogate())),
            }
        }
        json.push('"');
        json
    }

    fn units() -> impl Strategy<Value = Vec<u16>> {
        let unit = prop_oneof![
            any::<u16>(),
            0xd800..=0xdfffu16,
            Just(u16::from(b'\\')),
            Just(u16::from(b'"')),
            Just(u16::from(b'u')),
            Just(u16::from(b'd')),
        ];
        vec(unit, 0..12)
    }

    proptest! {
        #[test]
        fn what_a_browser_writes_is_read(
            key in units(), value in units(), more in vec(any::<bool>(), 0..12), bom in any::<bool>(),
        ) {
            let bom = if bom { "\u{feff}" } else { "" };
            let json = format!("{bom}{{{}: [{}]}}", stringify(&key, &more), stringify(&value, &more));
            let (key, value) = (String::from_utf16_lossy(&key), String::from_utf16_lossy(&value));
            prop_assert_eq!(of_text::<Value>(&json).unwrap(), json!({ key.as_str(): [&value] }));
            let typed: BTreeMap<String, (String,)> = of_text(&json).unwrap();
            prop_assert_eq!(typed, BTreeMap::from([(key, (value,))]));
        }

        #[test]
        fn what_is_no_json_stays_none(text in "[\\\\ud83D\"{}:, ]{0,24}") {
            // Whatever it is, nothing but halves makes a difference.
            let strict = serde_json::from_str::<Value>(&text);
            let read = of_text::<Value>(&text);
            if let Ok(strict) = strict {
                prop_assert_eq!(read.unwrap(), strict);
            } else if let Ok(read) = read {
                let replaced = read.to_string().contains('\u{fffd}');
                prop_assert!(replaced);
            }
        }
    }

    #[test]
    fn halves_are_replaced_and_nothing_else_is() {
        for (json, read) in [
            (r#""\ud83d""#, "\u{fffd}"),
            (r#""\uDC4D""#, "\u{fffd}"),
            (r#""\ud83d\ud83d\ude00""#, "\u{fffd}😀"),
            (r#""\ude00\ud83d""#, "\u{fffd}\u{fffd}"),
            (r#""\\ud83d \ud83d""#, "\\ud83d \u{fffd}"),
            (r#""\\\ud83d""#, "\\\u{fffd}"),
            (r#""\ud83dA\ud83d\n""#, "\u{fffd}A\u{fffd}\n"),
            (r#""\ud83d\\ude00""#, "\u{fffd}\\ude00"),
            ("\u{feff}\"a\u{feff}\"", "a\u{feff}"),
        ] {
            assert_eq!(of_text::<String>(json).unwrap(), read, "{json}");
        }
        for json in [
            r#""\ud83""#,
            r#""\ud83d"#,
            r#""\uzzzz""#,
            "\\ud83d",
            "\u{feff}\u{feff}1",
            "\u{feff}",
            "",
        ] {
            assert!(of_text::<Value>(json).is_err(), "{json}");
        }
    }

    #[test]
    fn an_error_is_told_where_it_stands() {
        let error = of_text::<(String, u8)>(r#"["\ud83d","x"]"#).unwrap_err();
        assert!(error.to_string().contains("expected u8 at line 1 column 13"), "{error}");
    }
}
