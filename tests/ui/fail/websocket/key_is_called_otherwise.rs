use ereo_runtime::prelude::*;

#[websocket("/ws", max_message_size = "64KiB")]
async fn ws(_socket: Socket<String, String>) {}

fn main() {}

// mend: max_message_size => max_message
