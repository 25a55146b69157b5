use ereo_runtime::Message;

#[derive(serde::Serialize, Message)]
struct Feed {
    #[serde(rename = "a", rename = "b")]
    text: String,
}

fn main() {}
