//! An event by the encoder, read back by the standard's algorithm: nothing is injected. The fields stand
//! between bytes that no text has.

use std::time::Duration;

use ereo_runtime::Event;

use super::Target;
use super::event_stream::EventStream;
use crate::input::Pieces;

pub(super) const TARGET: Target = Target { name: "events", run, dictionary: DICTIONARY };

const DICTIONARY: &[&[u8]] = &[
    b"\xff",
    b"\r",
    b"\n",
    b"\r\n",
    b"\n\n",
    b":",
    b" ",
    b"\0",
    b"\xef\xbb\xbf",
    b"data: x",
    b"id: 1",
    b"event: ereo.expired",
    b"retry: 1",
    b"\xe2\x80\xa8",
];

fn run(input: &[u8]) {
    let mut fields = input.split(|byte| *byte == 0xff).map(String::from_utf8_lossy);
    let data = fields.next().unwrap_or_default().into_owned();
    let mut event = Event::new(data.as_str());
    let (mut name, mut id) = ("message".to_owned(), "before".to_owned());
    if let Some(field) = fields.next() {
        match event.clone().event(&*field) {
            Ok(named) => {
                event = named;
                if !field.is_empty() {
                    name = field.into_owned();
                }
            }
            Err(_) => assert!(is_own(&field) || field.contains(['\r', '\n']), "{field:?}"),
        }
    }
    if let Some(field) = fields.next() {
        match event.clone().id(&*field) {
            Ok(identified) => (event, id) = (identified, field.into_owned()),
            Err(_) => {
                assert!(is_own(&field) || field.contains(['\r', '\n', '\0']), "{field:?}");
            }
        }
    }
    if let Some(field) = fields.next() {
        event = event.comment(field.into_owned());
    }
    event = event.retry(Duration::from_millis(7));
    let wire = format!("id: before\n\n{}data: behind\n\n", event.encode());
    let mut parser = EventStream::default();
    let cut = Pieces::of(input).cut(wire.as_bytes());
    let found: Vec<_> = cut.iter().flat_map(|piece| parser.feed(piece)).collect();
    let found: Vec<_> =
        found.iter().map(|event| (&*event.event, &*event.data, &*event.last_event_id)).collect();
    let data = data.replace("\r\n", "\n").replace('\r', "\n");
    assert_eq!(found, [(&*name, &*data, &*id), ("message", "behind", &*id)]);
    assert_eq!(parser.retry, Some(7));
}

/// The library's own names, which no application may send.
fn is_own(field: &str) -> bool {
    field.starts_with("ereo.")
}
