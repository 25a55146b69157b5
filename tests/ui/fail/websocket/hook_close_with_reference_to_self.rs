use ereo_runtime::prelude::*;

struct Chat;

#[websocket("/ws")]
impl Chat {
    async fn open(_connection: Connection<String>) -> Self {
        Self
    }

    async fn message(&mut self, _message: String) {}

    async fn close(&mut self, _reason: CloseReason) {}
}

fn main() {}

// mend: async fn close(&mut self, _reason: CloseReason) => async fn close(self, reason: CloseReason)
