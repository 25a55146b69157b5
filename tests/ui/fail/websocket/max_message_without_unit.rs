use ereo_runtime::prelude::*;

#[websocket("/ws", max_message = "65536")]
async fn ws(_socket: Socket<String, String>) {}

fn main() {}

// mend: "65536" => "64KiB"
