use ereo_runtime::prelude::*;

#[websocket("/ws", origins = ["HTTPS://app.example"])]
async fn ws(_socket: Socket<String, String>) {}

fn main() {}

// mend: "HTTPS://app.example" => "https://app.example"
