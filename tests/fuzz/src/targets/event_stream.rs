//! The tests' own reader of event streams: whatever the split, it dispatches the same.

use super::Target;
use crate::input::Pieces;

#[expect(unreachable_pub, reason = "another crate's test support")]
#[path = "../../../../ereo-runtime/tests/http/support/event_stream.rs"]
mod reader;

pub(super) use reader::EventStream;

pub(super) const TARGET: Target = Target { name: "event_stream", run, dictionary: DICTIONARY };

const DICTIONARY: &[&[u8]] = &[
    b"data:",
    b"data",
    b"event:",
    b"id:",
    b"retry:",
    b":",
    b"\r",
    b"\n",
    b"\r\n",
    b"\0",
    b"\xef\xbb\xbf",
];

fn run(input: &[u8]) {
    // A CR at the very end may be half a line end: no more is known of it.
    let whole = EventStream::default().feed(input);
    let mut parser = EventStream::default();
    let pieces = Pieces::of(input).cut(input);
    let found: Vec<_> = pieces.iter().flat_map(|piece| parser.feed(piece)).collect();
    assert_eq!(found, whole);
}
