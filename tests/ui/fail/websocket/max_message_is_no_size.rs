use ereo_runtime::prelude::*;

#[websocket("/ws", max_message = "small")]
async fn ws(_socket: Socket<String, String>) {}

fn main() {}

// mend: "small" => "64KiB"
