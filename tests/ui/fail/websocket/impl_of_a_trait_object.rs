use ereo_runtime::prelude::*;

trait Chat {}

#[websocket("/ws")]
impl dyn Chat {}

fn main() {}
