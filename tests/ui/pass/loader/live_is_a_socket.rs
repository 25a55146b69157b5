//! A page that begins with a list and goes on over a socket that forwards a subscription.

use ereo_runtime::prelude::*;
use ereo_runtime::Delivery;

#[websocket("/{room}/ws")]
async fn talk(
    room: String,
    mut socket: Socket<String, String>,
    set: Data<ClientSet<String>>,
    last: LastEventId,
) -> Result<(), SocketError> {
    let mut lines = set.room(room).subscribe(last);
    loop {
        tokio::select! {
            delivery = lines.recv() => {
                if let Some(Delivery::Message { message, .. }) = delivery {
                    socket.send(&message).await?;
                }
            }
            said = socket.recv() => if said?.is_none() { return Ok(()) },
        }
    }
}

#[loader("/{room}/first", live = talk, changes)]
async fn first(room: String) -> Vec<String> {
    vec![room]
}

#[websocket("/quiet")]
async fn quiet(connection: Connection<String>, set: Data<ClientSet<String>>) {
    let mut lines = set.subscribe(LastEventId::none());
    while let Some(Delivery::Message { message, .. }) = lines.recv().await {
        if connection.send(&message).await.is_err() {
            return;
        }
    }
}

#[loader("/quiet/first", live = quiet, changes)]
async fn quiet_first() -> Result<u32, actix_web::Error> {
    Ok(0)
}

fn main() {}
