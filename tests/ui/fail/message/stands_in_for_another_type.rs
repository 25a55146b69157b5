use ereo_runtime::Message;

mod other {
    pub enum Feed {
        Chat(String),
    }
}

#[derive(serde::Serialize, Message)]
#[serde(remote = "other::Feed")]
enum Feed {
    Chat(String),
}

fn main() {
    let _ = Feed::Chat(String::new()).to_event();
}

// mend: #[derive(serde::Serialize, Message)] => #[derive(serde::Serialize)]
// mend: fn main => #[derive(serde::Serialize, Message)]⏎struct Sent {⏎    #[serde(with = "Feed")]⏎    feed: other::Feed,⏎}⏎⏎fn main
// mend: Feed::Chat(String::new()).to_event() => Sent { feed: other::Feed::Chat(String::new()) }.to_event()
