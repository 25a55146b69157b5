//! Whatever goes in, a browser reads the same back, and nothing is ever injected.

use std::time::Duration;

use ereo_runtime::sse::Event;
use proptest::prelude::*;

use crate::support::event_stream::{Dispatched, EventStream};

/// Text that likes what matters here: line ends, colons, spaces, NUL, BOM, field names.
fn text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("\r".to_owned()),
        Just("\n".to_owned()),
        Just("\r\n".to_owned()),
        Just(":".to_owned()),
        Just(" ".to_owned()),
        Just("\0".to_owned()),
        Just("\u{feff}".to_owned()),
        Just("data: x".to_owned()),
        Just("id: 1".to_owned()),
        any::<String>(),
    ];
    proptest::collection::vec(piece, 0..6).prop_map(|pieces| pieces.concat())
}

/// What a browser makes of line ends.
fn with_line_feeds(text: &str) -> String {
    text.replace("\r\n", "\n").replace('\r', "\n")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]
    #[test]
    fn a_browser_reads_back_what_went_in(
        data in proptest::option::of(text()),
        name in proptest::option::of(text()),
        id in proptest::option::of(text()),
        comment in proptest::option::of(text()),
        retry in proptest::option::of(any::<u64>()),
        split in any::<prop::sample::Index>(),
    ) {
        let mut event = Event::default();
        let mut expected_name = "message".to_owned();
        let mut expected_id = "before".to_owned();
        if let Some(data) = &data { event = event.data(data); }
        if let Some(comment) = &comment { event = event.comment(comment); }
        if let Some(retry) = retry { event = event.retry(Duration::from_millis(retry)); }
        if let Some(name) = &name {
            match event.clone().event(name) {
                Ok(named) => {
                    event = named;
                    if !name.is_empty() { expected_name.clone_from(name); }
                }
                Err(error) => {
                    prop_assert_eq!(error.field, "event");
                    prop_assert!(name.contains(['\r', '\n']));
                }
            }
        }
        if let Some(id) = &id {
            match event.clone().id(id) {
                Ok(with_id) => {
                    event = with_id;
                    expected_id.clone_from(id);
                }
                Err(error) => {
                    prop_assert_eq!(error.field, "id");
                    prop_assert!(id.contains(['\r', '\n', '\0']));
                }
            }
        }
        let stream = format!("id: before\n\n{}data: after\n\n", event.encode());
        let mut expected = Vec::new();
        if let Some(data) = &data {
            expected.push(Dispatched {
                event: expected_name,
                data: with_line_feeds(data),
                last_event_id: expected_id.clone(),
            });
        }
        expected.push(Dispatched {
            event: "message".to_owned(),
            data: "after".to_owned(),
            last_event_id: expected_id,
        });
        // Split anywhere: a browser gets the bytes as the network cuts them.
        let (first, second) = stream.as_bytes().split_at(split.index(stream.len()));
        let mut parser = EventStream::default();
        let mut dispatched = parser.feed(first);
        dispatched.extend(parser.feed(second));
        prop_assert_eq!(dispatched, expected);
        prop_assert_eq!(parser.retry, retry);
    }
}

#[test]
fn line_ends_become_lines_as_the_standard_reads_them() {
    assert_eq!(Event::new("a\r\nb").encode(), "data: a\ndata: b\n\n");
    assert_eq!(Event::new("a\n\rb\r").encode(), "data: a\ndata: \ndata: b\ndata: \n\n");
    assert_eq!(Event::new("").encode(), "data: \n\n");
    assert_eq!(Event::default().comment("a\nb").encode(), ": a\n: b\n\n");
    assert_eq!(Event::default().retry(Duration::from_millis(1500)).encode(), "retry: 1500\n\n");
}

/// Line by line as the standard says, one character after the other.
fn by_the_letter(data: &str) -> String {
    let (mut out, mut before) = ("data: ".to_owned(), ' ');
    for c in data.chars() {
        match c {
            '\n' if before == '\r' => {}
            '\r' | '\n' => out.push_str("\ndata: "),
            c => out.push(c),
        }
        before = c;
    }
    out + "\n\n"
}

#[test]
fn line_ends_are_found_at_every_offset() {
    for end in ["\r", "\n", "\r\n", "\n\r", "\r\r\n", "é\r", "\n\u{2028}"] {
        // Beyond the widths of all vectors that a search may use.
        for length in 0..140 {
            let data = format!("{}{end}{}", "x".repeat(length), "y".repeat(140 - length));
            assert_eq!(Event::new(&data).encode(), by_the_letter(&data), "{end:?} at {length}");
        }
    }
}
