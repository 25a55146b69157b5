use ereo_runtime::prelude::*;

#[websocket("/ws")]
async fn ws(socket: Socket<String, String>) -> Result<(), SocketError> {
    socket.recv().await?;
    Ok(())
}

fn main() {}
