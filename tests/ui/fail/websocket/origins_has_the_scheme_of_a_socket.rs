use ereo_runtime::prelude::*;

#[websocket("/ws", origins = ["wss://app.example"])]
async fn ws(_socket: Socket<String, String>) {}

fn main() {}

// mend: "wss://app.example" => "https://app.example"
