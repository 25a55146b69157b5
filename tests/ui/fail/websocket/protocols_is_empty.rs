use ereo_runtime::prelude::*;

#[websocket("/ws", protocols = [])]
async fn ws(_socket: Socket<String, String>) {}

fn main() {}

// mend: [] => ["chat.v1"]
