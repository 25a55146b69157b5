use ereo_runtime::prelude::*;

#[websocket("/ws", ping = "60s", idle = "30s")]
async fn ws(_socket: Socket<String, String>) {}

fn main() {}

// mend: "60s" => "20s"
