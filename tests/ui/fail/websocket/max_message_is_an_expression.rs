use ereo_runtime::prelude::*;

#[websocket("/ws", max_message = 64 * 1024)]
async fn ws(_socket: Socket<String, String>) {}

fn main() {}

// mend: 64 * 1024 => "64KiB"
