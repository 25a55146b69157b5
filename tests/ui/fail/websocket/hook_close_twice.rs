use ereo_runtime::prelude::*;

struct Chat;

#[websocket("/ws")]
impl Chat {
    async fn open(_peer: Connection<String>) -> Self {
        Self
    }

    async fn message(&mut self, _text: String) {}

    async fn close(self, _reason: CloseReason) {}

    async fn close(self, _reason: CloseReason) {}
}

fn main() {}
