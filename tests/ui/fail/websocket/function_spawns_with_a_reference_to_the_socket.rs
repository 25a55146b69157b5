use ereo_runtime::prelude::*;

#[websocket("/ws")]
async fn ws(socket: Socket<String, String>) -> Result<(), SocketError> {
    let peer = &socket;
    actix_web::rt::spawn(async move { peer.send(&"late".to_owned()).await });
    Ok(())
}

fn main() {}
