use ereo_runtime::prelude::*;

#[websocket("/ws", origins = [APP])]
async fn ws(_socket: Socket<String, String>) {}

fn main() {}

// mend: [APP] => ["https://app.example"]
