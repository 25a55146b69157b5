use ereo_runtime::prelude::*;

struct Chat;

#[websocket("/{room}/chat", ping = "2")]
impl Chat {
    async fn open(room: String) -> Self {
        drop(room);
        Self
    }

    async fn message(&mut self, _message: String) {}
}

#[websocket("/{room}/ws", ping = "2")]
async fn ws(room: String, _socket: Socket<String, String>) {
    drop((room, Chat::path("lobby"), ws::path("lobby"), Chat::ROUTE, ws::ROUTE));
}

fn main() {}

// mend: "2" => "25s"
// mend: "2" => "25s"
