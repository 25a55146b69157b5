use ereo_runtime::prelude::*;

#[websocket("/ws", max_message = "0B")]
async fn ws(_socket: Socket<String, String>) {}

fn main() {}

// mend: "0B" => "64KiB"
