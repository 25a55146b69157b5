use ereo_runtime::prelude::*;

#[websocket("/ws")]
async fn ws(mut socket: Socket<String, String>) -> Result<(), SocketError> {
    actix_web::rt::spawn(async { socket.recv().await.ok() });
    Ok(())
}

fn main() {}
