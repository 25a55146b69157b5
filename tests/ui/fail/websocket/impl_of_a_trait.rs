use ereo_runtime::prelude::*;

struct Chat;

#[websocket("/ws")]
impl Default for Chat {
    fn default() -> Self {
        Self
    }
}

fn main() {}

// mend: impl Default for Chat {⏎    fn default() -> Self {⏎        Self⏎    }⏎} => impl Chat {⏎    async fn open(_connection: Connection<String>) -> Self {⏎        Self⏎    }⏎    async fn message(&mut self, _message: String) {}⏎}
