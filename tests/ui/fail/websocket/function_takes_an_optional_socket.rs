use ereo_runtime::prelude::*;

#[websocket("/ws")]
async fn ws(socket: Option<Socket<String, String>>) {
    drop(socket);
}

fn main() {}
