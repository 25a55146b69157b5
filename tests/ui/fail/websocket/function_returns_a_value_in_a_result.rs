use ereo_runtime::prelude::*;

#[websocket("/ws")]
async fn ws(_socket: Socket<String, String>) -> Result<u8, SocketError> {
    Ok(1)
}

fn main() {}
