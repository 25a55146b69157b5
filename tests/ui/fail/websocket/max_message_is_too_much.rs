use ereo_runtime::prelude::*;

#[websocket("/ws", max_message = "8GiB")]
async fn ws(_socket: Socket<String, String>) {}

fn main() {}

// mend: 8GiB => 1GiB
