use ereo_runtime::prelude::*;

#[websocket("/ws", max_message = "-1KiB")]
async fn ws(_socket: Socket<String, String>) {}

fn main() {}

// mend: "-1KiB" => "64KiB"
