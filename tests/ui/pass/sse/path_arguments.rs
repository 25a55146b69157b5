//! Ways to give an argument to `path`.

#![forbid(unsafe_code)]
#![deny(missing_docs, warnings)]

use std::fmt;

use ereo_runtime::prelude::*;
use futures_util::stream;

#[derive(Clone, Deserialize)]
struct RoomId(u32);

impl fmt::Display for RoomId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[sse("/rooms/{room}/of/{user}")]
async fn feed(room: RoomId, user: String) -> impl Stream<Item = String> {
    stream::iter([format!("{room} {user}")])
}

fn main() {
    let room = RoomId(7);
    let user = String::from("ann");
    let expected = "/rooms/7/of/ann";
    assert_eq!(feed::path("7", "ann"), expected);
    assert_eq!(feed::path(&String::from("7"), &user), expected);
    assert_eq!(feed::path(&room, user.as_str()), expected);
    assert_eq!(feed::path(room.clone(), user), expected);
}
