use ereo_runtime::prelude::*;

#[websocket("/ws")]
struct Chat;

fn main() {}
