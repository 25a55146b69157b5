use ereo_runtime::prelude::*;

struct Click;

#[websocket("/ws")]
async fn ws(mut socket: Socket<Click, String>) -> Result<(), SocketError> {
    while let Some(_click) = socket.recv().await? {}
    Ok(())
}

fn main() {}
