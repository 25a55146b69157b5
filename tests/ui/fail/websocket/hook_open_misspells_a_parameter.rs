use ereo_runtime::prelude::*;

struct Chat;

#[websocket("/rooms/{room}")]
impl Chat {
    async fn open(_rom: String, _connection: Connection<String>) -> Self {
        Self
    }

    async fn message(&mut self, _message: String) {}
}

fn main() {}

// mend: _rom:  => room: 
