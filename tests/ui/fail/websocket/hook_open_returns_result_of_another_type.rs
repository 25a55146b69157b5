use ereo_runtime::prelude::*;

struct Other;
struct Chat;

#[websocket("/ws")]
impl Chat {
    async fn open(_connection: Connection<String>) -> Result<Other, actix_web::Error> {
        Ok(Other)
    }

    async fn message(&mut self, _message: String) {}
}

fn main() {}
