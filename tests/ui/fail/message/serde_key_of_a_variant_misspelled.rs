use ereo_runtime::Message;

#[derive(serde::Serialize, Message)]
enum Feed {
    #[serde(renam = "chat")]
    Chat(String),
}

fn main() {}
