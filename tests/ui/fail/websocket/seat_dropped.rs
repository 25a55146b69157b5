#![deny(unused_must_use)]

use ereo_runtime::prelude::*;

#[websocket("/rooms")]
async fn rooms(set: Data<ClientSet<String>>, mut socket: Socket<String, String>) -> Result<(), SocketError> {
    set.join(&socket)?;
    set.subscribe(LastEventId::none());
    while socket.recv().await?.is_some() {}
    Ok(())
}

fn main() {}
