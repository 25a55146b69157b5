use ereo_runtime::prelude::*;

#[derive(Serialize, Message)]
enum Feed {
    #[serde(rename(serialize = ""))]
    Chat(String),
}

fn main() {}

// mend: serialize = "" => serialize = "chat"
