//! The function form over a room of a set, as the README has it.

#![forbid(unsafe_code)]
#![deny(missing_docs, warnings)]

use ereo_runtime::prelude::*;

#[derive(Clone, Serialize, Deserialize, Message)]
struct Line {
    text: String,
}

#[websocket("/rooms/{room}/ws", max_message = "64KiB", origins = ["https://app.example"])]
async fn room_ws(
    room: String,
    mut socket: Socket<Line, Line>,
    chat: Data<ClientSet<Line>>,
) -> Result<(), SocketError> {
    let seat = chat.room(&room).join(&socket)?;
    while let Some(line) = socket.recv().await? {
        seat.broadcast_others(&line)?;
    }
    Ok(())
}

fn main() {
    assert_eq!(room_ws::path("a b"), "/rooms/a%20b/ws");
}
