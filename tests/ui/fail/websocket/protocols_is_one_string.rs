use ereo_runtime::prelude::*;

#[websocket("/ws", protocols = "chat.v1")]
async fn ws(_socket: Socket<String, String>) {}

fn main() {}

// mend: "chat.v1" => ["chat.v1"]
