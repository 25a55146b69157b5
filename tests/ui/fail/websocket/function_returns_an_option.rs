use ereo_runtime::prelude::*;

#[websocket("/ws")]
async fn ws(_socket: Socket<String, String>) -> Option<()> {
    None
}

fn main() {}
