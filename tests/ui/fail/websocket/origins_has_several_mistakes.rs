use ereo_runtime::prelude::*;

#[websocket("/ws", origins = ["https://*", "https://app.example", "https://app.example/"])]
async fn ws(_socket: Socket<String, String>) {}

fn main() {}

// mend: "https://*", "https://app.example", "https://app.example/" => "*"
