use ereo_runtime::prelude::*;

#[websocket("/ws", ping = "0s")]
async fn ws(_socket: Socket<String, String>) {}

fn main() {}

// mend: "0s" => "25s"
