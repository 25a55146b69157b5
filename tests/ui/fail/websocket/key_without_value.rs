use ereo_runtime::prelude::*;

#[websocket("/ws", origins)]
async fn ws(_socket: Socket<String, String>) {}

fn main() {}

// mend: origins => origins = ["https://app.example"]
