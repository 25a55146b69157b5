use ereo_runtime::prelude::*;

struct Chat;
struct In;

#[websocket("ws")]
impl Chat {
    async fn open(_connection: Connection<String>, _: u8) -> Self {
        Chat
    }

    async fn message(&mut self, _message: In) {}

    async fn close(self, _reason: u8) {}
}

fn main() {}
