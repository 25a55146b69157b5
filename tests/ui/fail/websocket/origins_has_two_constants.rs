use ereo_runtime::prelude::*;

#[websocket("/ws", origins = [FIRST, SECOND])]
async fn ws(_socket: Socket<String, String>) {}

fn main() {}

// mend: [FIRST, SECOND] => ["https://app.example"]
