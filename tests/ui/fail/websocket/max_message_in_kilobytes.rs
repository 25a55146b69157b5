use ereo_runtime::prelude::*;

#[websocket("/ws", max_message = "64KB")]
async fn ws(_socket: Socket<String, String>) {}

fn main() {}

// mend: 64KB => 64KiB
