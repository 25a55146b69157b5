//! A message that a socket receives, read as JSON: what is JSON as it is, and half a surrogate pair,
//! which browsers write, as U+FFFD.

use bytes::Bytes;
use bytestring::ByteString;
use ereo_runtime::Payload;
use ereo_runtime::websocket::FromPayload;
use serde_json::Value;

use super::Target;

pub(super) const TARGET: Target = Target { name: "json", run, dictionary: DICTIONARY };

const DICTIONARY: &[&[u8]] = &[
    b"\"\\ud83d\"",
    b"\\ud83d",
    b"\\ude00",
    b"\\\\",
    b"\\u",
    b"\\\"",
    b"{\"text\":",
    b"}",
    b"[",
    b"]",
    b"1e400",
    b"null",
    b"\xef\xbb\xbf",
    b"\"",
];

fn run(input: &[u8]) {
    let binary = Value::from_payload(Payload::Binary(Bytes::copy_from_slice(input))).ok();
    let Ok(text) = std::str::from_utf8(input) else {
        assert_eq!(binary, None);
        return;
    };
    let found = Value::from_payload(Payload::Text(ByteString::from(text))).ok();
    assert_eq!(found, binary, "the same, whatever it comes as");
    let bare = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mended = serde_json::from_str(&whole_pairs(bare)).ok();
    assert_eq!(found, mended);
}

/// The text with U+FFFD for each escape that is half of a pair.
fn whole_pairs(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let (taken, written) = match (unit(rest), rest.get(6..).and_then(unit)) {
            (Some(0xd800..0xdc00), Some(0xdc00..0xe000)) => (12, &rest[..12]),
            (Some(0xd800..0xe000), _) => (6, "\\ufffd"),
            (Some(_), _) => (6, &rest[..6]),
            // A backslash takes the meaning of what follows, which may be another.
            (None, _) if first == '\\' => {
                let length = 1 + rest[1..].chars().next().map_or(0, char::len_utf8);
                (length, &rest[..length])
            }
            (None, _) => (first.len_utf8(), &rest[..first.len_utf8()]),
        };
        out.push_str(written);
        rest = &rest[taken..];
    }
    out
}

/// The code unit of the escape at the beginning.
fn unit(text: &str) -> Option<u16> {
    let digits = text.strip_prefix("\\u")?.get(..4)?;
    let all = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
    all.then(|| u16::from_str_radix(digits, 16).ok())?
}
