use ereo_runtime::prelude::*;

#[websocket("/ws", origins = ["https://a.example" "https://b.example"])]
async fn ws(_socket: Socket<String, String>) {}

fn main() {}

// mend: ["https://a.example" "https://b.example"] => ["https://app.example"]
