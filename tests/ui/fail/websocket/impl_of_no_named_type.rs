use ereo_runtime::prelude::*;

trait Chat {}

#[websocket("/ws")]
impl dyn Chat {
    async fn message(&mut self, _message: String) {}
}

fn main() {}
