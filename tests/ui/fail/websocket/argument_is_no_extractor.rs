use ereo_runtime::prelude::*;

struct Clock;

#[websocket("/ws")]
async fn ws(_socket: Socket<String, String>, _clock: Clock) {}

fn main() {}
