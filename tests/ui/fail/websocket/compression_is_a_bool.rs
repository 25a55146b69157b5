use ereo_runtime::prelude::*;

#[websocket("/ws", compression = true)]
async fn ws(_socket: Socket<String, String>) {}

fn main() {}

// mend: true => "broadcast"
