use ereo_runtime::prelude::*;

#[derive(Clone, Serialize, Message)]
#[serde(into = "Wire")]
enum Feed {
    Chat(String),
}

#[derive(Serialize)]
struct Wire {
    text: String,
}

impl From<Feed> for Wire {
    fn from(Feed::Chat(text): Feed) -> Self {
        Self { text }
    }
}

fn main() {
    let _ = Feed::Chat(String::new()).to_event();
}
