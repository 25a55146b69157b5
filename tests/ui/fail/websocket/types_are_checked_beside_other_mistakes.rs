use ereo_runtime::prelude::*;

#[websocket("ws")]
async fn ws(_: u8, mut socket: Socket<String, String>) -> u8 {
    let _ = socket.recv().await;
    1
}

fn main() {}
