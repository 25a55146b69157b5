use ereo_runtime::prelude::*;

struct Chat<T>(Option<T>);

#[websocket("/ws")]
impl<T> Chat<T> {
    async fn open(_connection: Connection<String>) -> Self {
        Self(None)
    }

    async fn message(&mut self, _message: String) {}
}

fn main() {}

// mend: impl<T> Chat<T> => impl Chat<u8>
