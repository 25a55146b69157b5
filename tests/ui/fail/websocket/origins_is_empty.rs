use ereo_runtime::prelude::*;

#[websocket("/ws", origins = [])]
async fn ws(_socket: Socket<String, String>) {}

fn main() {}

// mend: [] => ["https://app.example"]
