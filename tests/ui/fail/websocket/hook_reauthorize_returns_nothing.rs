use ereo_runtime::prelude::*;

struct Chat;

#[websocket("/ws")]
impl Chat {
    async fn open(_connection: Connection<String>) -> Self {
        Self
    }

    async fn message(&mut self, _message: String) {}

    async fn reauthorize(&mut self) {}
}

fn main() {}

// mend: reauthorize(&mut self) {} => reauthorize(&mut self) -> Option<Expiry> {⏎        None⏎    }
