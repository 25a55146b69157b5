use ereo_runtime::prelude::*;

#[websocket("/ws", max_message = "1Mbit")]
async fn ws(_socket: Socket<String, String>) {}

fn main() {}

// mend: "1Mbit" => "64KiB"
