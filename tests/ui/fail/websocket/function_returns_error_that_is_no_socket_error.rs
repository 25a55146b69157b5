use ereo_runtime::prelude::*;

struct Broken;

#[websocket("/ws")]
async fn ws(_socket: Socket<String, String>) -> Result<(), Broken> {
    Err(Broken)
}

fn main() {}
