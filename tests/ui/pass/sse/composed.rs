//! Subscriptions that are made of others, asked for by POST, and from a handler of actix-web's.

use actix_web::web;
use ereo_runtime::prelude::*;

#[derive(Clone, Serialize, Message)]
#[serde(rename_all = "snake_case")]
enum Feed {
    Note(String),
    Order { id: u64 },
    Here { keys: Vec<String> },
}

impl From<PresenceEvent> for Feed {
    fn from(event: PresenceEvent) -> Self {
        let members = match event {
            PresenceEvent::Members { members } => members,
            PresenceEvent::Joined(member) | PresenceEvent::Left(member) => vec![member],
            _ => Vec::new(),
        };
        Self::Here { keys: members.iter().map(|member| member.key().to_owned()).collect() }
    }
}

#[derive(Deserialize)]
struct Question {
    user: String,
}

#[sse("/feed", method = "POST", heartbeat = "5s")]
async fn feed(
    question: web::Json<Question>,
    notes: Data<ClientSet<String>>,
    feeds: Data<ClientSet<Feed>>,
    last: LastEventId,
) -> Result<Subscription<Feed>, ereo_runtime::EncodeError> {
    let user = question.into_inner().user;
    let own = notes.room(&user).subscribe(last).merge(notes.subscribe(last));
    let all = own
        .filter(|note| !note.is_empty())
        .map(|note| Feed::Note(note.clone()))
        .merge(feeds.subscribe(last))
        .starting_with(Feed::Order { id: 0 })
        .take_until(|feed| matches!(feed, Feed::Order { id: 7 }))
        .with_presence(feeds.presence())
        .expires_at(Duration::from_secs(60));
    all.as_member(&user, "reading")?.as_member_of(&notes, &user, "online")
}

#[sse("/feed", method = "GET", on_lag = "skip-to-oldest")]
async fn by_get(feeds: Data<ClientSet<Feed>>, last: LastEventId) -> Subscription<Feed> {
    feeds.subscribe(last)
}

async fn handler(feeds: Data<ClientSet<Feed>>, last: LastEventId) -> Subscription<Feed> {
    feeds.subscribe(last)
}

async fn fallible(feeds: Data<ClientSet<Feed>>) -> actix_web::Result<Subscription<Feed>> {
    Ok(feeds.subscribe(LastEventId::none()))
}

fn main() {
    App::new().route("/a", web::get().to(handler)).route("/b", web::post().to(fallible));
}
