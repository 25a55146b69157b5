use ereo_runtime::prelude::*;

#[websocket("/ws", max_message = "64kib")]
async fn ws(_socket: Socket<String, String>) {}

fn main() {}

// mend: "64kib" => "64KiB"
