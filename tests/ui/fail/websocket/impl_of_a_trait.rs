use ereo_runtime::prelude::*;

struct Chat;

#[websocket("/ws")]
impl Default for Chat {
    fn default() -> Self {
        Self
    }
}

fn main() {}
