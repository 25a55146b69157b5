use ereo_runtime::prelude::*;

#[websocket("/ws")]
async fn talk(_socket: Socket<String, String>) {}

#[loader("/stats", live = talk)]
async fn stats() -> String {
    String::new()
}

fn main() {}
