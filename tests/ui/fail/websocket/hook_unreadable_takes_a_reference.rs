use ereo_runtime::prelude::*;

struct Chat;

#[websocket("/ws")]
impl Chat {
    async fn open(_connection: Connection<String>) -> Self {
        Self
    }

    async fn message(&mut self, _message: String) {}

    async fn unreadable(&mut self, _message: &Unreadable) {}
}

fn main() {}

// mend: &Unreadable => Unreadable
