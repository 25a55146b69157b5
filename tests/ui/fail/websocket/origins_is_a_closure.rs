use ereo_runtime::prelude::*;

#[websocket("/ws", origins = |origin| true)]
async fn ws(_socket: Socket<String, String>) {}

fn main() {}

// mend: |origin| true => ["https://app.example"]
