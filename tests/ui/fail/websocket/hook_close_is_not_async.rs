use ereo_runtime::prelude::*;

struct Chat;

#[websocket("/ws")]
impl Chat {
    async fn open(_connection: Connection<String>) -> Self {
        Self
    }

    async fn message(&mut self, _message: String) {}

    fn close(self, _reason: CloseReason) {}
}

fn main() {}

// mend: fn close => async fn close
