use ereo_runtime::prelude::*;

#[websocket("/ws", max_message = "1e9B")]
async fn ws(_socket: Socket<String, String>) {}

fn main() {}

// mend: "1e9B" => "64KiB"
