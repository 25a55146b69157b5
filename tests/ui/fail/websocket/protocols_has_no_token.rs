use ereo_runtime::prelude::*;

#[websocket("/ws", protocols = ["chat.v1", "chat/v2", "ch\u{e4}t"])]
async fn ws(_socket: Socket<String, String>) {}

fn main() {}

// mend: chat/v2 => chat.v2
// mend: ch\u{e4}t => chat
