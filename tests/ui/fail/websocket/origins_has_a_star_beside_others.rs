use ereo_runtime::prelude::*;

#[websocket("/ws", origins = ["*", "https://a.example"])]
async fn ws(_socket: Socket<String, String>) {}

fn main() {}

// mend: "*",  => 
