use ereo_runtime::Message;

#[derive(serde::Serialize, Message)]
#[serde(transparent)]
struct Feed {
    a: u8,
    b: u8,
}

fn main() {}
