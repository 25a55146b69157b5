use ereo_runtime::prelude::*;

#[derive(Serialize, Message)]
#[serde(tag = "type")]
enum Feed {
    #[serde(rename(deserialize = "ok", serialize = "ereo."))]
    Reset { missed: u64 },
    // It names no event.
    #[serde(untagged, rename = "ereo.expired")]
    Raw(String),
}

fn main() {}

// mend: serialize = "ereo." => serialize = "reset"
