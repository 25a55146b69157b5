//! Every macro with the runtime under another name: nothing but `crate = renamed` tells of it.

#![forbid(unsafe_code)]
#![deny(missing_docs, warnings)]

use renamed::prelude::*;

/// What all of them send.
#[derive(Clone, Serialize, Message)]
#[message(crate = renamed)]
pub enum Feed {
    /// The one thing that happens.
    Opened(String),
}

/// Live.
#[sse("/{shop}/feed", retry = "2s", crate = renamed)]
pub async fn feed(
    shop: String,
    set: Data<ClientSet<Feed>>,
    last: LastEventId,
) -> Subscription<Feed> {
    drop(shop);
    set.subscribe(last)
}

/// Loaded.
#[loader("/{shop}/data", live = feed, cache = "1m", crate = renamed)]
pub async fn data(shop: String) -> Feed {
    Feed::Opened(shop)
}

/// Talked to.
#[websocket("/{shop}/ws", origins = ["https://app.example"], ping = "10s", crate = renamed)]
pub async fn talk(shop: u32, mut socket: Socket<String, Feed>) -> Result<(), SocketError> {
    while let Some(text) = socket.recv().await? {
        socket.send(&Feed::Opened(format!("{shop} {text}"))).await?;
    }
    Ok(())
}

/// Talked to, with a state.
pub struct Talk(Connection<Feed>);

#[websocket("/{shop}/talk", max_message = "1KiB", idle = "off", crate = renamed)]
impl Talk {
    async fn open(shop: String, connection: Connection<Feed>) -> Self {
        drop(shop);
        Self(connection)
    }

    async fn message(&mut self, text: String) -> Result<(), SocketError> {
        self.0.send(&Feed::Opened(text)).await
    }

    async fn close(self, reason: CloseReason) {
        drop(reason);
    }
}

#[cfg(test)]
mod tests {
    use renamed::Kind;

    #[test]
    fn every_route_is_registered() {
        let routes = renamed::routes().unwrap();
        let mut known: Vec<_> = routes.iter().map(|route| (route.path, route.kind)).collect();
        known.sort_by(|(a, _), (b, _)| a.cmp(b));
        let expected = [
            ("/{shop}/data", Kind::Loader),
            ("/{shop}/feed", Kind::Sse),
            ("/{shop}/talk", Kind::WebSocket),
            ("/{shop}/ws", Kind::WebSocket),
        ];
        assert_eq!(known, expected.map(|(path, kind)| (path.to_owned(), kind)));
        assert_eq!(super::talk::path(7), "/7/ws");
        assert_eq!(super::Talk::path("tea"), "/tea/talk");
    }
}
