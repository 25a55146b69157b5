use ereo_runtime::prelude::*;

#[websocket("/ws")]
async fn ws(mut socket: Socket<String>) {
    let _ = socket.recv().await;
}

fn main() {}
