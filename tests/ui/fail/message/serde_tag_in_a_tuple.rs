use ereo_runtime::Message;

#[derive(serde::Serialize, Message)]
#[serde(tag = "type")]
enum Feed {
    Chat(String, String),
}

fn main() {}
