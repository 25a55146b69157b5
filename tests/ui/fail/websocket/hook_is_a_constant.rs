use ereo_runtime::prelude::*;

struct Chat;

#[websocket("/ws")]
impl Chat {
    async fn open(_peer: Connection<String>) -> Self {
        Self
    }

    const message: fn(String) = |_| {};
}

fn main() {}
