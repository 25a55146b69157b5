use ereo_runtime::prelude::*;

#[websocket("/ws")]
trait Chat {}

fn main() {}

// mend: trait Chat {} => async fn chat(_socket: Socket<String, String>) {}
