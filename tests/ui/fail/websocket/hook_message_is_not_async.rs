use ereo_runtime::prelude::*;

struct Chat;

#[websocket("/ws")]
impl Chat {
    async fn open(_connection: Connection<String>) -> Self {
        Self
    }

    fn message(&mut self, _message: String) {}
}

fn main() {}

// mend: fn message => async fn message
