use ereo_runtime::prelude::*;

#[websocket("/ws", ping = "5s", ping = "6s")]
async fn ws(_socket: Socket<String, String>) {}

fn main() {}
