use ereo_runtime::prelude::*;

#[websocket("/ws", max_mesage = "64KiB")]
async fn ws(_socket: Socket<String, String>) {}

fn main() {}

// mend: max_mesage => max_message
