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
