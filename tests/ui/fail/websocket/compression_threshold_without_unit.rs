use ereo_runtime::prelude::*;

#[websocket("/ws", compression_threshold = "128")]
async fn ws(_socket: Socket<String, String>) {}

fn main() {}

// mend: "128" => "256B"
