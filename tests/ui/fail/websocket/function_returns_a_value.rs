use ereo_runtime::prelude::*;

#[websocket("/ws")]
async fn ws(_socket: Socket<String, String>) -> u32 {
    7
}

fn main() {}
