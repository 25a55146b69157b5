use ereo_runtime::prelude::*;

#[derive(Serialize, Message)]
#[message(crate = "ereo_runtime")]
struct Line {
    text: String,
}

fn main() {}

// mend: "ereo_runtime" => ereo_runtime
