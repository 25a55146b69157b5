use ereo_runtime::prelude::*;

#[websocket("/ws", ping = "never")]
async fn ws(_socket: Socket<String, String>) {}

fn main() {}

// mend: "never" => "25s"
