use ereo_runtime::prelude::*;

struct Chat;

#[websocket("/ws")]
impl Chat {
    async fn on_open() -> Self {
        Self
    }

    async fn message(&mut self, _message: String) {}
}

fn main() {}

// mend: on_open => open
