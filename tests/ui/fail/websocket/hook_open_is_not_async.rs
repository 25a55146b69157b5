use ereo_runtime::prelude::*;

struct Chat;

#[websocket("/ws")]
impl Chat {
    fn open(_connection: Connection<String>) -> Self {
        Self
    }

    async fn message(&mut self, _message: String) {}
}

fn main() {}

// mend: fn open => async fn open
