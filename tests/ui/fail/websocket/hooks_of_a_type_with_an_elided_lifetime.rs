use ereo_runtime::prelude::*;

struct Chat<'a>(&'a str);

#[websocket("/ws")]
impl Chat<'_> {
    async fn open(_peer: Connection<String>) -> Self {
        Self("a")
    }

    async fn message(&mut self, _text: String) {}
}

fn main() {}
