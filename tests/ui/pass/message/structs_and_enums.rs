//! Every shape and every tagging.

#![forbid(unsafe_code)]
#![deny(missing_docs, warnings)]

use ereo_runtime::prelude::*;
use std::borrow::Cow;

/// Named fields.
#[derive(Serialize, Message)]
#[serde(rename_all = "camelCase")]
pub struct Named {
    active_users: u64,
}

/// No field.
#[derive(Serialize, Message)]
pub struct Unit;

/// Borrowed.
#[derive(Serialize, Message)]
pub struct Borrowed<'a>(Cow<'a, str>);

/// Generic, with bounds and a condition.
#[derive(Serialize, Message)]
pub struct Generic<T: Clone, const N: usize>
where
    T: Send,
{
    items: Vec<T>,
}

/// Tagged from outside.
#[derive(Serialize, Message)]
#[serde(rename_all = "snake_case")]
pub enum External {
    /// One.
    Notification(String),
    /// Two.
    Chat {
        /// Who.
        from: String,
    },
    /// Three.
    Closed,
}

/// Tagged within.
#[derive(Serialize, Message)]
#[serde(tag = "type")]
pub enum Internal {
    /// One.
    Chat {
        /// Who.
        from: String,
    },
}

/// Tagged beside.
#[derive(Serialize, Message)]
#[serde(tag = "t", content = "c")]
pub enum Adjacent<T> {
    /// One.
    Chat(T),
}

/// Not tagged.
#[derive(Serialize, Message)]
#[serde(untagged)]
pub enum Untagged {
    /// One.
    Number(u32),
}

fn data(message: &impl Message) -> String {
    format!("{:?}", message.to_payload().expect("it serializes"))
}

fn main() {
    assert!(data(&Named { active_users: 1 }).contains("activeUsers"));
    assert!(data(&Unit).contains("null"));
    assert!(data(&Borrowed("x".into())).contains('x'));
    assert!(data(&Generic::<u8, 1> { items: vec![7] }).contains('7'));
    assert!(data(&External::Notification(String::new())).contains("notification"));
    assert!(data(&External::Chat { from: String::new() }).contains("chat"));
    assert!(data(&External::Closed).contains("closed"));
    assert!(data(&Internal::Chat { from: String::new() }).contains("type"));
    assert!(data(&Adjacent::Chat(1)).contains('c'));
    assert!(data(&Untagged::Number(3)).contains('3'));
}
