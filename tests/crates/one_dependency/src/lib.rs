//! A crate whose only dependency is ereo-runtime: neither serde nor actix-web is its own.
#![forbid(unsafe_code)]
#![deny(missing_docs, warnings)]

use ereo_runtime::prelude::*;

/// Generic, nested in itself, renamed, with a field left out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Message)]
#[serde(rename_all = "camelCase")]
pub struct Stats<T> {
    /// Renamed.
    pub active_users: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<T>,
    parts: Vec<Self>,
}

/// Every kind of variant.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Message)]
#[serde(rename_all = "snake_case")]
pub enum Feed {
    /// Without content.
    UserLeft,
    /// With fields.
    Chat {
        /// Who.
        from: String,
    },
    /// With places.
    Pair(u8, u8),
    /// With one.
    Text(String),
}

/// Borrows what it is read from.
#[derive(Debug, PartialEq, Deserialize)]
pub struct Room<'a> {
    #[serde(borrow)]
    name: &'a str,
}

/// A path parameter of an own type.
#[derive(Deserialize)]
pub struct RoomId(String);

/// The feed of a room.
#[sse("/one-dependency/{room}")]
pub async fn feed(
    room: RoomId,
    set: Data<ClientSet<Feed>>,
    last: LastEventId,
) -> Subscription<Feed> {
    set.room(room.0).subscribe(last)
}

#[test]
fn messages_are_what_serde_makes_of_them() {
    let part = Stats { active_users: 1, note: Some("a".to_owned()), parts: vec![] };
    let stats = Stats { active_users: 2, note: None, parts: vec![part] };
    let json = r#"{"activeUsers":2,"parts":[{"activeUsers":1,"note":"a","parts":[]}]}"#;
    assert_eq!(stats.to_event().unwrap().data_str(), Some(json));
    let names = [Feed::UserLeft, Feed::Pair(1, 2), Feed::Text("x".to_owned())]
        .map(|feed| feed.to_event().unwrap().event_str().map(str::to_owned));
    assert_eq!(names.map(Option::unwrap), ["user_left", "pair", "text"]);
}

#[test]
fn extractors_read_what_the_derive_can() {
    let query = Query::<Stats<String>>::from_query("activeUsers=3&parts=");
    assert!(query.is_err(), "a sequence is no query value");
    #[derive(Deserialize)]
    struct Page {
        page: u32,
    }
    assert_eq!(Query::<Page>::from_query("page=7").unwrap().page, 7);
    assert_eq!(feed::path("a b"), "/one-dependency/a%20b");
    let borrowed = |room: Room<'static>| room.name.len();
    assert_eq!(borrowed(Room { name: "four" }), 4);
}
