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

// mend: Clone, Serialize, Message => Clone
// mend: #[serde(into = "Wire")]⏎ => 
// mend: #[derive(Serialize)] => #[derive(Serialize, Message)]
// mend: Feed::Chat(String::new()).to_event => Wire::from(Feed::Chat(String::new())).to_event
