use ereo_runtime::prelude::*;

trait Echo {
    async fn echo(socket: Socket<String, String>);
}

struct Server;

impl Echo for Server {
    #[websocket("/echo")]
    async fn echo(_socket: Socket<String, String>) {}
}

fn main() {}
