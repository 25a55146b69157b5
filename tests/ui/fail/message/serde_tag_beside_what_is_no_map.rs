use ereo_runtime::prelude::*;

#[derive(Serialize, Message)]
#[serde(tag = "type")]
enum Feed {
    Count(u32),
    Names(Vec<String>),
    Text(Box<str>),
    Perhaps(Option<Inner>),
    Fine(Inner),
}

#[derive(Serialize)]
struct Inner {
    a: u8,
}

fn main() {}

// mend: tag = "type" => tag = "type", content = "value"
