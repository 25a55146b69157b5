use ereo_runtime::prelude::*;

#[derive(Clone, Serialize, Deserialize, Message)]
#[serde(rename_all = "snake_case")]
pub enum Feed {
    Notification { text: String },
    Chat { from: String, text: String },
}

#[sse("/rooms/{room}/feed", heartbeat = "15s")]
async fn room_feed(
    room: String,
    feed: Data<ClientSet<Feed>>,
    last: LastEventId,
) -> Subscription<Feed> {
    feed.room(room).subscribe(last)
}

// A socket, as a function or as `open`, `message` and `close` of a type: JSON both ways, in the same rooms.
#[websocket("/rooms/{room}/ws", max_message = "64KiB")]
async fn room_ws(
    room: String,
    mut socket: Socket<Feed, Feed>,
    feed: Data<ClientSet<Feed>>,
) -> Result<(), SocketError> {
    let seat = feed.room(room).join(&socket)?;
    while let Some(said) = socket.recv().await? {
        seat.broadcast_others(&said)?;
    }
    Ok(())
}

// A loader: its position is taken before the load, so nothing that is broadcast meanwhile is missed.
#[loader("/rooms/{room}/first", live = room_feed, changes)]
async fn first(room: String) -> Result<Vec<Feed>, actix_web::Error> {
    Ok(vec![Feed::Notification { text: format!("welcome to {room}") }])
}
