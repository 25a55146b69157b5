use ereo_runtime::prelude::*;

#[derive(Serialize, Deserialize, Message)]
#[serde(content = "data")]
enum Feed {
    Chat(String),
}

fn main() {}
