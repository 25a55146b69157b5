use ereo_runtime::prelude::*;

#[derive(Serialize, Message)]
#[message(event = "line")]
struct Line {
    text: String,
}

fn main() {}
