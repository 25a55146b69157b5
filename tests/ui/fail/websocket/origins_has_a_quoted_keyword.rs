use ereo_runtime::prelude::*;

#[websocket("/ws", origins = ["'self'"])]
async fn ws(_socket: Socket<String, String>) {}

fn main() {}

// mend: "'self'" => "self"
