use ereo_runtime::prelude::*;

#[websocket("/ws", heartbeat = "15s")]
async fn ws(_socket: Socket<String, String>) {}

fn main() {}

// mend: heartbeat => ping
