use ereo_runtime::prelude::*;

#[websocket("/ws", timeout = "5s")]
async fn ws(_socket: Socket<String, String>) {}

fn main() {}

// mend: timeout => idle
