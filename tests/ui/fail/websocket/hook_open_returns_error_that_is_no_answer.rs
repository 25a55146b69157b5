use ereo_runtime::prelude::*;

struct Chat;
struct Broken;

#[websocket("/ws")]
impl Chat {
    async fn open() -> Result<Self, Broken> {
        Err(Broken)
    }

    async fn message(&mut self, _message: String) {}
}

fn main() {}
