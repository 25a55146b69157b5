use ereo_runtime::prelude::*;

struct Chat;

#[websocket("/ws")]
impl Chat {
    async fn open(_connection: Connection<String>) -> Self {
        Self
    }

    async fn message(&mut self, _message: String) {}

    pub async fn error(&mut self, _error: SocketError) {}
}

fn main() {}

// mend: pub async fn error => async fn error
