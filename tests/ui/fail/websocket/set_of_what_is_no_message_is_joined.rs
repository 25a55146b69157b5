use ereo_runtime::prelude::*;

#[derive(Clone)]
struct Plain {
    text: String,
}

#[websocket("/rooms/{room}")]
async fn chat(room: String, mut socket: Socket<String, String>, set: Data<ClientSet<Plain>>) -> Result<(), SocketError> {
    let _seat = set.room(room).join(&socket)?;
    while socket.recv().await?.is_some() {}
    Ok(())
}

fn main() {
    let _ = Plain { text: String::new() }.text;
}

// mend: #[derive(Clone)] => #[derive(Clone, Serialize, Message)]
