use ereo_runtime::prelude::*;

struct Chat;
struct Clock;

#[websocket("/ws")]
impl Chat {
    async fn open(_clock: Clock) -> Self {
        Self
    }

    async fn message(&mut self, _message: String) {}
}

fn main() {}
