use ereo_runtime::prelude::*;

#[derive(Serialize, Message)]
enum Feed {
    #[message(rename = "opened")]
    Opened,
}

fn main() {}

// mend: #[message( => #[serde(
