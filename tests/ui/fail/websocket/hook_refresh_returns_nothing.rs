use ereo_runtime::prelude::*;

struct Chat;

#[websocket("/ws")]
impl Chat {
    async fn open(_connection: Connection<String>) -> Self {
        Self
    }

    async fn message(&mut self, _message: String) {}

    async fn refresh(&mut self) {}
}

fn main() {}

// mend: refresh(&mut self) {} => refresh(&mut self) -> Option<Expiry> {⏎        None⏎    }
