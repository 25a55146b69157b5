use ereo_runtime::prelude::*;

struct Chat;

#[websocket("/ws")]
impl Chat {
    async fn open(_connection: Connection<String>) -> Self {
        Self
    }

    async fn message(&mut self, _message: String) {}

    async fn on_unreadible(&mut self, _message: Unreadable) {}
}

fn main() {}

// mend: on_unreadible => unreadable
