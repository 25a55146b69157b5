use ereo_runtime::prelude::*;

struct Chat;

#[websocket("/ws")]
impl Chat {
    async fn open(_connection: Connection<String>) -> Self {
        Self
    }

    async fn mesage(&mut self, _message: String) {}
}

fn main() {}

// mend: mesage => message
