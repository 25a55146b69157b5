use ereo_runtime::prelude::*;

#[websocket("/ws", origins = ("https://app.example"))]
async fn ws(_socket: Socket<String, String>) {}

fn main() {}

// mend: ("https://app.example") => ["https://app.example"]
