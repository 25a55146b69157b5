use ereo_runtime::prelude::*;

#[websocket("/ws", ping = "90s")]
async fn ws(_socket: Socket<String, String>) {}

fn main() {}

// mend: "90s" => "90s", idle = "3m"
