use ereo_runtime::prelude::*;

#[websocket("/ws")]
async fn ws<T>(_socket: Socket<T, String>) {}

fn main() {}
