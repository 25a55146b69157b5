use ereo_runtime::prelude::*;

#[websocket("/ws", origins = ["chrome-extension://*"])]
async fn ws(_socket: Socket<String, String>) {}

fn main() {}

// mend: "chrome-extension://*" => "*"
