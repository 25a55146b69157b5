use ereo_runtime::prelude::*;

struct Chat;

#[websocket("/ws")]
impl Chat {
    async fn open(_peer: Connection<String>) -> Option<Self> {
        None
    }

    async fn message(&mut self, _text: String) {}
}

fn main() {}
