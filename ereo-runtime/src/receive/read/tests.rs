//! Whatever is sent as an event or as a frame is read again as it was.

use std::collections::BTreeMap;
use std::fmt::Debug;

use ereo_macros::Message;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{FromEvent, FromSocket};
use crate::message::{Event, Message, Payload, Uncompressed};
use crate::receive::event_stream::{Decoded, EventStream, EventText};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Message)]
#[message(crate = crate)]
struct Line {
    text: String,
    at: Option<u64>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Message)]
#[message(crate = crate)]
#[serde(rename_all = "snake_case")]
enum External {
    UserLeft,
    Chat {
        z: u8,
        a: BTreeMap<String, u8>,
    },
    Pair(u8, f32),
    #[serde(rename = "quo\"ted")]
    One(Line),
    Perhaps(Option<u8>),
    /// Named as browsers name what has no name.
    #[serde(rename = "message")]
    Message(u8),
    #[serde(untagged)]
    Else(Line),
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Message)]
#[message(crate = crate)]
#[serde(tag = "type", rename_all_fields = "camelCase")]
enum Internal {
    Bye,
    Chat { user_id: u8 },
    Line(Line),
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Message)]
#[message(crate = crate)]
#[serde(tag = "t", content = "c")]
enum Adjacent {
    Unit,
    Pair(u8, u8),
    Line(Line),
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Message)]
#[message(crate = crate)]
#[serde(untagged)]
enum Untagged {
    Number(u64),
    Line(Line),
}

fn line(text: &str) -> Line {
    Line { text: text.to_owned(), at: Some(7) }
}

/// As it goes over the wire and comes out of it.
fn sent(message: &impl Message) -> EventText {
    let encoded = message.to_event().unwrap().encode();
    let mut bytes = encoded.as_bytes();
    match EventStream::within(1 << 20).next(&mut bytes) {
        Ok(Some(Decoded::Event(event))) => event,
        other => panic!("{other:?}"),
    }
}

fn comes_back<T: Message + DeserializeOwned + PartialEq + Debug>(message: T) {
    let EventText { name, data, .. } = sent(&message);
    assert_eq!(T::from_event(name.as_deref(), &data).as_ref(), Ok(&message), "{name:?} {data}");
    assert_eq!(T::from_socket(&message.to_payload().unwrap()), Ok(message));
}

#[test]
fn every_shape_comes_back_as_it_was() {
    comes_back(line("a"));
    comes_back(External::UserLeft);
    comes_back(External::Chat { z: 1, a: BTreeMap::from([("k".to_owned(), 2)]) });
    comes_back(External::Pair(1, 0.5));
    comes_back(External::One(line("b\nc")));
    comes_back(External::Perhaps(None));
    comes_back(External::Perhaps(Some(1)));
    comes_back(External::Message(1));
    comes_back(External::Else(line("d")));
    comes_back(Internal::Bye);
    comes_back(Internal::Chat { user_id: 3 });
    comes_back(Internal::Line(line("e")));
    comes_back(Adjacent::Unit);
    comes_back(Adjacent::Pair(1, 2));
    comes_back(Adjacent::Line(line("f")));
    comes_back(Untagged::Number(u64::MAX));
    comes_back(Untagged::Line(line("g")));
    comes_back("text: {\"as\": it is}\n\nand lines".to_owned());
    comes_back(json!({ "any": ["JSON", null, 1.5] }));
    assert_eq!(Uncompressed::<String>::from_event(None, "plain").unwrap().0, "plain");
}

#[test]
fn whatever_comes_is_an_event_or_a_frame() {
    let event = Event::new("1").event("note").unwrap();
    assert_eq!(Event::from_event(Some("note"), "1"), Ok(event));
    let frame = Payload::Binary(b"\xff"[..].into());
    assert_eq!(Payload::from_socket(&frame), Ok(frame.clone()));
    assert!(String::from_socket(&frame).is_err(), "no text");
}

#[test]
fn what_does_not_fit_is_told() {
    let error = Line::from_event(None, "7").unwrap_err().to_string();
    assert!(error.contains("invalid type: integer `7`"), "{error}");
    let error = Adjacent::from_event(Some("OfTomorrow"), "{}").unwrap_err().to_string();
    assert!(error.contains("unknown variant `OfTomorrow`"), "{error}");
    // What follows a value does not become a member beside it.
    for data in [r#"1,"user_left":null"#, r#"null},{"user_left":null"#, ""] {
        assert!(External::from_event(Some("perhaps"), data).is_err(), "{data}");
        assert!(Adjacent::from_event(Some("Unit"), data).is_err(), "{data}");
    }
    assert!(Value::from_event(None, "no JSON").is_err());
}
