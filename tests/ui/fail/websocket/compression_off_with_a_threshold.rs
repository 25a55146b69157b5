use ereo_runtime::prelude::*;

#[websocket("/ws", compression = "off", compression_threshold = "1KiB")]
async fn ws(_socket: Socket<String, String>) {}

fn main() {}

// mend: , compression_threshold = "1KiB" => 
