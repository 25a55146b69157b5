use ereo_runtime::prelude::*;

struct Chat;

impl Chat {
    #[websocket("/ws")]
    async fn message(&mut self, _message: String) {}
}

fn main() {}

// mend:     #[websocket("/ws")]⏎ => 
// mend: impl Chat { => #[websocket("/ws")]⏎impl Chat {⏎    async fn open(_connection: Connection<String>) -> Self {⏎        Self⏎    }⏎
