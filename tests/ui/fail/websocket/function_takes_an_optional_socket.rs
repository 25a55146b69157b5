use ereo_runtime::prelude::*;

#[websocket("/ws")]
async fn ws(socket: Option<Socket<String, String>>) {
    drop(socket);
}

fn main() {}

// mend: Option<Socket<String, String>> => Socket<String, String>
