use ereo_runtime::prelude::*;

#[websocket("/ws", compression = on)]
async fn ws(_socket: Socket<String, String>) {}

fn main() {}

// mend: = on => = "on"
