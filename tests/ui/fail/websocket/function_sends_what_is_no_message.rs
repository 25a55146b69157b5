use ereo_runtime::prelude::*;

struct Tick;

#[websocket("/ws")]
async fn ws(socket: Socket<String, Tick>) -> Result<(), SocketError> {
    socket.send(&Tick).await
}

fn main() {}
