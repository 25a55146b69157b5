//! Hooks that hear of beside messages: of presence, of a set, of any stream, and of several.

use ereo_runtime::prelude::*;
use ereo_runtime::Delivery;
use futures_util::stream::{self, StreamExt as _};

#[derive(Clone, Serialize, Message)]
pub struct Line {
    text: String,
}

struct Watcher {
    lines: ClientSet<Line>,
    connection: Connection<PresenceEvent>,
}

#[websocket("/watcher")]
impl Watcher {
    async fn open(lines: Data<ClientSet<Line>>, connection: Connection<PresenceEvent>) -> Self {
        Self { lines: ClientSet::clone(&lines), connection }
    }

    fn hears(&mut self) -> PresenceEvents {
        self.lines.presence()
    }

    async fn message(&mut self, _: String) {}

    async fn heard(&mut self, event: PresenceEvent) -> Result<(), SocketError> {
        self.connection.send(&event).await
    }
}

struct Follower(ClientSet<Line>);

#[websocket("/follower")]
impl Follower {
    async fn open(lines: Data<ClientSet<Line>>) -> Self {
        Self(ClientSet::clone(&lines))
    }

    fn hears(&self) -> Subscription<Line> {
        self.0.subscribe(LastEventId::none())
    }

    async fn message(&mut self, _: String) {}

    async fn heard(&mut self, delivery: Delivery<Line>) {
        drop(delivery);
    }
}

enum Happened {
    Presence(PresenceEvent),
    Tick(u8),
}

struct Both(ClientSet<Line>);

#[websocket("/both")]
impl Both {
    async fn open(lines: Data<ClientSet<Line>>) -> Self {
        Self(ClientSet::clone(&lines))
    }

    fn hears(&self) -> impl Stream<Item = Happened> + use<> {
        let presence = self.0.presence().map(Happened::Presence);
        stream::select(presence, stream::iter([1, 2]).map(Happened::Tick))
    }

    async fn message(&mut self, _: String) {}

    async fn heard(&mut self, happened: Happened) {
        match happened {
            Happened::Presence(event) => drop(event),
            Happened::Tick(_) => {}
        }
    }
}

fn main() {}
