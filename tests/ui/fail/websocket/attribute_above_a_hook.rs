use ereo_runtime::prelude::*;

struct Chat;

impl Chat {
    #[websocket("/ws")]
    async fn message(&mut self, _message: String) {}
}

fn main() {}
