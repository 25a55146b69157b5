//! A server of a set that a store keeps: a feed, rooms and a page; and clients that come back to it with their position.
//! Part of the module that tests it, whose routes are served as well.

use ereo_runtime::prelude::*;

use crate::support::{Client, Server, serve_with};

#[sse("/kept/feed")]
async fn feed(set: Data<ClientSet<String>>, last: LastEventId) -> Subscription<String> {
    set.subscribe(last)
}

#[sse("/kept/rooms/{room}", heartbeat = "off")]
async fn room(
    room: String,
    set: Data<ClientSet<String>>,
    last: LastEventId,
) -> Subscription<String> {
    set.room(room).subscribe(last).filter(|text| text != "not for you")
}

#[loader("/kept/state", live = feed)]
async fn state(_set: Data<ClientSet<String>>) -> String {
    "state".to_owned()
}

pub struct Node {
    pub server: Server,
    pub set: ClientSet<String>,
}

impl Node {
    /// Serves the set with the routes of `module` and those from here.
    pub fn of(set: ClientSet<String>, module: &'static str) -> Self {
        Self::within(Duration::from_secs(10), set, module)
    }

    /// The same with so much time to drain.
    pub fn within(time: Duration, set: ClientSet<String>, module: &'static str) -> Self {
        let data = Data::new(set.clone());
        let server = serve_with(1, time, move |app| {
            let routes = ereo_runtime::routes().unwrap().only(module);
            let ready = actix_web::web::get().to(ereo_runtime::ready);
            app.app_data(data.clone()).service(routes).route("/ready", ready);
        });
        Self { server, set }
    }

    /// A client that is there.
    pub fn comes(&self, path: &str) -> Client {
        let mut client = Client::get(self.server.address, path);
        client.read_until(|client| client.events.retry.is_some());
        client
    }

    /// One that comes back with its position.
    pub fn back(&self, path: &str, last: &str) -> Client {
        Client::get_with(self.server.address, path, &format!("last-event-id: {last}\r\n"))
    }
}

/// What the client is sent, up to and with the message; and its position.
pub fn read(client: &mut Client, last: &str) -> (Vec<String>, String) {
    let mut texts = Vec::new();
    loop {
        let event = client.event().unwrap();
        assert_ne!(event.event, "ereo.reset", "behind {texts:?}");
        texts.push(event.data);
        if texts.last().unwrap() == last {
            return (texts, event.last_event_id);
        }
    }
}
