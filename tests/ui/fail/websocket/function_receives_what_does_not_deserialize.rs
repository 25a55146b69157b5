use ereo_runtime::prelude::*;

struct Line;

#[websocket("/ws")]
async fn ws(mut socket: Socket<Line, String>) -> Result<(), SocketError> {
    while let Some(_line) = socket.recv().await? {}
    Ok(())
}

fn main() {}
