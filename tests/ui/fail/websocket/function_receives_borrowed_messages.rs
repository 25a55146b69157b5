use ereo_runtime::prelude::*;

#[websocket("/ws")]
async fn ws(mut socket: Socket<&str, String>) {
    while let Ok(Some(_)) = socket.recv().await {}
}

fn main() {}

// mend: &str => String
