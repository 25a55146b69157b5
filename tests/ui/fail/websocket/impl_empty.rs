use ereo_runtime::prelude::*;

struct Chat;

#[websocket("/ws")]
impl Chat {}

fn main() {}
