use ereo_runtime::prelude::*;

#[derive(Serialize, Message)]
#[serde(rename_all = "snake")]
enum Feed {
    Chat { text: String },
}

fn main() {
    let _ = Feed::Chat { text: String::new() }.to_event();
}
