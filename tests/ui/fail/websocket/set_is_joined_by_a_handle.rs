use ereo_runtime::prelude::*;

#[websocket("/ws")]
async fn ws(
    mut socket: Socket<String, String>,
    set: Data<ClientSet<String>>,
) -> Result<(), SocketError> {
    let seat = set.join(&socket.handle())?;
    while let Some(text) = socket.recv().await? {
        seat.broadcast(&text)?;
    }
    Ok(())
}

fn main() {}

// mend: &socket.handle() => &socket
