use ereo_runtime::prelude::*;

struct Chat;

#[websocket("/ws")]
impl Chat {}

fn main() {}

// mend: impl Chat {} => impl Chat {⏎    async fn open(_connection: Connection<String>) -> Result<Self, actix_web::Error> {⏎        Ok(Self)⏎    }⏎    async fn message(&mut self, _message: String) -> Result<(), SocketError> {⏎        Ok(())⏎    }⏎}
