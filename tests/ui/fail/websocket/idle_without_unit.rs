use ereo_runtime::prelude::*;

#[websocket("/ws", idle = "60")]
async fn ws(_socket: Socket<String, String>) {}

fn main() {}

// mend: "60" => "60s"
