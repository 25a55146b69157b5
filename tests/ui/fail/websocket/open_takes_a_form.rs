use ereo_runtime::prelude::*;

struct Chat;

#[websocket("/rooms")]
impl Chat {
    async fn open(first: actix_web::web::Form<String>) -> Self {
        drop(first);
        Self
    }

    async fn message(&mut self, _message: String) {}
}

fn main() {}
