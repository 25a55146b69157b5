use ereo_runtime::prelude::*;

struct Chat;

#[websocket("/ws")]
impl Chat {
    async fn open(_connection: Connection<String>) -> Self {
        Self
    }

    async fn message(self: std::pin::Pin<&mut Self>, _message: String) {}
}

fn main() {}

// mend: message(self: std::pin::Pin<&mut Self>, _message => message(&mut self, _message
