use ereo_runtime::prelude::*;

struct Chat;

#[websocket("/rooms/{room}/ws")]
impl Chat {
    async fn open(_connection: Connection<String>) -> Self {
        Self
    }

    async fn message(&mut self, _message: String) {}
}

fn main() {}

// mend: fn open( => fn open(room: String, 
