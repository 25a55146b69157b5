use ereo_runtime::prelude::*;

#[websocket("/ws", compression = "brodcast")]
async fn ws(_socket: Socket<String, String>) {}

fn main() {}

// mend: "brodcast" => "broadcast"
