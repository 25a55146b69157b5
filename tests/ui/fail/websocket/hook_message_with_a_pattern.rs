use ereo_runtime::prelude::*;

struct Chat;
struct Line(String);

#[websocket("/ws")]
impl Chat {
    async fn open(_peer: Connection<String>) -> Self {
        Self
    }

    async fn message(&mut self, Line(_text): Line) {}
}

fn main() {}
