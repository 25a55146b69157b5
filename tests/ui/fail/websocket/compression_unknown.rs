use ereo_runtime::prelude::*;

#[websocket("/ws", compression = "gzip")]
async fn ws(_socket: Socket<String, String>) {}

fn main() {}

// mend: "gzip" => "off"
