use ereo_runtime::prelude::*;

struct Chat;

#[websocket("/ws")]
impl Chat {
    async fn open(_connection: Connection<String>) -> Self {
        Self
    }

    async unsafe fn message(&mut self, _message: String) {}
}

fn main() {}

// mend: unsafe  => 
