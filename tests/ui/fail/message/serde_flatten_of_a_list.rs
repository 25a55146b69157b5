use ereo_runtime::prelude::*;

#[derive(Serialize, Message)]
struct Feed {
    #[serde(flatten)]
    names: Vec<String>,
    #[serde(flatten)]
    count: u32,
}

fn main() {}

// mend: #[serde(flatten)]⏎    names => names
// mend: #[serde(flatten)]⏎    count => count
