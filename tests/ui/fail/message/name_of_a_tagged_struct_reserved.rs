use ereo_runtime::prelude::*;

#[derive(Serialize, Message)]
#[serde(tag = "type", rename = "ereo.heartbeat")]
struct Heartbeat {
    data: u32,
}

fn main() {}

// mend: ereo.heartbeat => heartbeat
