use ereo_runtime::prelude::*;

struct Chat;

#[websocket("/ws")]
impl Chat {
    async fn open(_connection: Connection<String>) -> Self {
        Self
    }

    async fn message(&mut self) {}
}

fn main() {}

// mend: message(&mut self) => message(&mut self, _message: String)
