use ereo_runtime::prelude::*;

#[websocket("/ws", origins = ["https://app.example/chat"])]
async fn ws(_socket: Socket<String, String>) {}

fn main() {}

// mend: "https://app.example/chat" => "https://app.example"
