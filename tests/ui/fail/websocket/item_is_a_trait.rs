use ereo_runtime::prelude::*;

#[websocket("/ws")]
trait Chat {}

fn main() {}
