use ereo_runtime::prelude::*;

#[websocket("/ws")]
async fn ws(_set: Data<ClientSet<String>>) {}

fn main() {}
