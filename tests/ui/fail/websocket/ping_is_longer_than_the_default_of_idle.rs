use ereo_runtime::prelude::*;

#[websocket("/ws", ping = "90s")]
async fn ws(_socket: Socket<String, String>) {}

fn main() {}
