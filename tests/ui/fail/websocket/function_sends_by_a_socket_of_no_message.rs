use ereo_runtime::prelude::*;

struct Told {
    text: String,
}

#[websocket("/ws")]
async fn ws(mut socket: Socket<String, Told>) -> Result<(), SocketError> {
    while let Some(text) = socket.recv().await? {
        socket.send(&Told { text }).await?;
    }
    Ok(())
}

fn main() {}

// mend: struct Told => #[derive(Serialize, Message)]⏎struct Told
