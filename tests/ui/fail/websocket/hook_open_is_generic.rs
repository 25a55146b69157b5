use ereo_runtime::prelude::*;

struct Chat;

#[websocket("/ws")]
impl Chat {
    async fn open<T: 'static>(_connection: Connection<T>) -> Self {
        Self
    }

    async fn message(&mut self, _message: String) {}
}

fn main() {}
