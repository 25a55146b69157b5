use ereo_runtime::prelude::*;

#[websocket("/ws")]
async fn ws(_socket: &mut Socket<String, String>) {}

fn main() {}
