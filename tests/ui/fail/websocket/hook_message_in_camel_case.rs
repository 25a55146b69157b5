use ereo_runtime::prelude::*;

struct Chat;

#[websocket("/ws")]
impl Chat {
    async fn open(_connection: Connection<String>) -> Self {
        Self
    }

    async fn onMessage(&mut self, _message: String) {}
}

fn main() {}

// mend: onMessage => message
