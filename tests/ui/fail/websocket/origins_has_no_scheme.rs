use ereo_runtime::prelude::*;

#[websocket("/ws", origins = ["app.example"])]
async fn ws(_socket: Socket<String, String>) {}

fn main() {}

// mend: "app.example" => "https://app.example"
