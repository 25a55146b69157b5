use ereo_runtime::prelude::*;

struct Chat;

#[websocket("/rooms/{room}/ws", idle = "1")]
impl Chat {
    fn open(&self) -> Self {
        Self
    }

    async fn mesage(&self) {}

    async fn close(&self) {}
}

fn main() {}
