use ereo_runtime::prelude::*;

struct Chat;
struct Click;

#[websocket("/ws")]
impl Chat {
    async fn open(_connection: Connection<String>) -> Self {
        Self
    }

    async fn message(&mut self, _message: Click) {}
}

fn main() {}
