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
}
