use ereo_runtime::prelude::*;

struct Chat;

#[websocket("/ws", protocols = ["chat v1"])]
impl Chat {
    async fn open() -> Self {
        Self
    }

    async fn message(&mut self, _: String) {}
}

fn main() {}
