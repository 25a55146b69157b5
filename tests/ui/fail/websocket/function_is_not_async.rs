use ereo_runtime::prelude::*;

#[websocket("/ws")]
fn ws(_socket: Socket<String, String>) {}

fn main() {}

// mend: fn ws => async fn ws
