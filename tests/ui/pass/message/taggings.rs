//! Every way in which serde tags an enum.

#![forbid(unsafe_code)]
#![deny(missing_docs, warnings)]

use ereo_runtime::prelude::*;

#[derive(Serialize, Message)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Internal {
    UserLeft { user: u8 },
}

#[derive(Serialize, Message)]
#[serde(tag = "t", content = "c")]
enum Adjacent {
    Pair(u8, u8),
}

#[derive(Serialize, Message)]
#[serde(untagged)]
enum Untagged {
    Number(u8),
}

#[derive(Serialize, Message)]
enum External {
    #[serde(rename = "other name")]
    Renamed(u8),
}

#[derive(Serialize, Message)]
#[serde(rename_all = "snake_case")]
enum OneUntagged {
    Plain { a: u8 },
    #[deprecated]
    #[serde(untagged)]
    Raw(String),
    #[serde(untagged)]
    Nothing,
}

/// As a generic type; one of its variants says how serde writes what it holds.
#[derive(Serialize, Message)]
#[serde(tag = "t")]
enum Generic<T> {
    Plain(T),
    #[serde(serialize_with = "one")]
    With(u8),
    #[serde(untagged)]
    Raw { t: T },
}

fn one<S: serde::Serializer>(_: &u8, serializer: S) -> std::result::Result<S::Ok, S::Error> {
    Struct { one: 1 }.serialize(serializer)
}

#[derive(Serialize)]
struct Struct {
    one: u8,
}

fn event(message: &dyn Message) -> (Option<String>, String) {
    let event = message.to_event().expect("it serializes");
    (event.event_str().map(Into::into), event.data_str().unwrap_or_default().into())
}

fn main() {
    let named = |name: &str, data: &str| (Some(name.to_owned()), data.to_owned());
    assert_eq!(event(&Internal::UserLeft { user: 1 }), named("user_left", r#"{"type":"user_left","user":1}"#));
    assert_eq!(event(&Adjacent::Pair(1, 2)), named("Pair", "[1,2]"));
    assert_eq!(event(&Untagged::Number(3)), (None, "3".to_owned()));
    assert_eq!(event(&External::Renamed(4)), named("other name", "4"));
    assert_eq!(event(&OneUntagged::Plain { a: 1 }), named("plain", r#"{"a":1}"#));
    #[allow(deprecated)]
    let raw = OneUntagged::Raw("ereo.expired".to_owned());
    assert_eq!(event(&raw), (None, r#""ereo.expired""#.to_owned()));
    assert_eq!(event(&OneUntagged::Nothing), (None, "null".to_owned()));
    let (plain, raw) = (Generic::Plain(Struct { one: 1 }), Generic::Raw { t: Struct { one: 1 } });
    assert_eq!(event(&plain), named("Plain", r#"{"t":"Plain","one":1}"#));
    assert_eq!(event(&raw), (None, r#"{"t":{"one":1}}"#.to_owned()));
    assert_eq!(event(&Generic::<Struct>::With(7)), named("With", r#"{"t":"With","one":1}"#));
}
