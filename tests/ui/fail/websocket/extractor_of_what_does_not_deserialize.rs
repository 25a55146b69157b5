use actix_web::web::Path;
use ereo_runtime::prelude::*;

struct Room;

#[websocket("/rooms/{room}")]
async fn ws(_room: String, _path: Path<Room>, mut socket: Socket<String, String>) {
    let _ = socket.recv().await;
}

fn main() {}

// mend: struct Room; => #[derive(Deserialize)]⏎struct Room;
