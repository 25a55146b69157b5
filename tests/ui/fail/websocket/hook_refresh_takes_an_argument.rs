use ereo_runtime::prelude::*;

struct Chat;

#[websocket("/ws")]
impl Chat {
    async fn open(_connection: Connection<String>) -> Self {
        Self
    }

    async fn message(&mut self, _message: String) {}

    async fn refresh(&mut self, _token: String) -> Option<Expiry> {
        None
    }
}

fn main() {}

// mend: async fn refresh(&mut self, _token: String) -> Option<Expiry> => async fn refresh(&mut self) -> Option<Expiry>
