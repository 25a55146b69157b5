use ereo_runtime::Message;

#[derive(serde::Serialize, Message)]
struct Feed(#[serde(flatten)] u8);

fn main() {}
