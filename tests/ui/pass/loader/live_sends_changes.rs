//! A list first, single changes to it after: the live route has a message of its own.

use ereo_runtime::prelude::*;

#[derive(Clone, Serialize, Message)]
struct Note {
    text: String,
}

#[derive(Serialize)]
struct Inbox {
    unread: u32,
    notes: Vec<Note>,
}

#[derive(Debug)]
struct Denied;

impl std::fmt::Display for Denied {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("denied")
    }
}

impl actix_web::ResponseError for Denied {}

#[sse("/{user}/notes")]
async fn notes(user: String, set: Data<ClientSet<Note>>, last: LastEventId) -> Subscription<Note> {
    set.room(user).subscribe(last)
}

#[sse("/{user}/guarded")]
async fn guarded(
    user: String,
    set: Data<ClientSet<Note>>,
    last: LastEventId,
) -> Result<Subscription<Note>, Denied> {
    Ok(set.room(user).subscribe(last))
}

#[loader("/{user}/notes/first", live = notes, changes)]
async fn first(user: String) -> Inbox {
    Inbox { unread: 1, notes: vec![Note { text: user }] }
}

#[loader("/{user}/guarded/first", changes, live = self::guarded, cache = "1s")]
async fn also_first(user: String) -> Result<Inbox, Denied> {
    Ok(Inbox { unread: 1, notes: vec![Note { text: user }] })
}

/// A change may be of the data's own type: a difference to a number, for one.
#[derive(Clone, Copy, Serialize, Message)]
struct Amount {
    cents: i64,
}

#[sse("/sums")]
async fn sums(set: Data<ClientSet<Amount>>, last: LastEventId) -> Subscription<Amount> {
    set.subscribe(last)
}

#[loader("/sums/first", live = sums, changes)]
async fn sum() -> Amount {
    Amount { cents: 0 }
}

fn main() {}
