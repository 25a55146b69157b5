use ereo_runtime::prelude::*;

#[websocket("/ws", origins = ["null", "https://app.example", "https://app.example/"])]
async fn ws(_socket: Socket<String, String>) {}

fn main() {}
