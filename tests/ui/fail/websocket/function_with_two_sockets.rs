use ereo_runtime::prelude::*;

type Talk = Socket<String, String>;

#[websocket("/ws")]
async fn ws(_one: Talk, _other: Socket<String, String>) {}

fn main() {}
