use ereo_runtime::prelude::*;

struct Chat;

#[websocket("/ws")]
impl Chat {
    async fn open(_socket: Socket<String, String>) -> Self {
        Self
    }

    async fn message(&mut self, _message: String) {}
}

fn main() {}
