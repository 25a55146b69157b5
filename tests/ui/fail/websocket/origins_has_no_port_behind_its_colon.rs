use ereo_runtime::prelude::*;

#[websocket("/ws", origins = ["http://localhost:dev"])]
async fn ws(_socket: Socket<String, String>) {}

fn main() {}

// mend: :dev => 
