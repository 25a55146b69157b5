use ereo_runtime::prelude::*;

#[websocket("/rooms/{room}/ws")]
async fn ws(_socket: Socket<String, String>) {}

fn main() {}

// mend: fn ws( => fn ws(room: String, 
