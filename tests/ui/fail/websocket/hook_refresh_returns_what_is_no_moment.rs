use ereo_runtime::prelude::*;

struct Chat;

#[websocket("/ws")]
impl Chat {
    async fn open(_connection: Connection<String>) -> Self {
        Self
    }

    async fn message(&mut self, _message: String) {}

    async fn refresh(&mut self) -> Option<u64> {
        Some(1_893_456_000)
    }
}

fn main() {}
