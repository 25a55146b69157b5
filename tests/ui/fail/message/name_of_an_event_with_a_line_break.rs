use ereo_runtime::prelude::*;

#[derive(Serialize, Message)]
enum Feed {
    #[serde(rename = "chat\nline")]
    Chat(String),
}

fn main() {}

// mend: chat\nline => chatline
