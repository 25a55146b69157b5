use ereo_runtime::prelude::*;

#[websocket("/ws")]
impl Chat {
    async fn open(_peer: Connection<String>) -> Self {
        todo!()
    }

    async fn message(&mut self, _text: String) {}
}

fn main() {}
