//! Connections whose credentials end: in each form, by each kind of moment.

#![forbid(unsafe_code)]
#![deny(missing_docs, warnings)]

use ereo_runtime::prelude::*;
use std::time::{Instant, SystemTime};

/// A claim of a token.
#[derive(Deserialize)]
pub struct Claims {
    exp: u64,
}

/// With the hook.
pub struct Account {
    claims: Query<Claims>,
}

#[websocket("/account")]
impl Account {
    async fn open(connection: Connection<String>, claims: Query<Claims>) -> Self {
        connection.expires_at(Expiry::at_unix(claims.exp));
        Self { claims }
    }

    async fn message(&mut self, _message: String) {}

    async fn refresh(&mut self) -> Option<Expiry> {
        self.authorize().await.then(|| Expiry::at_unix(self.claims.exp))
    }

    /// Called almost like a hook.
    async fn authorize(&mut self) -> bool {
        self.claims.exp > 0
    }
}

/// A type that converts will do.
pub struct Session;

type Renewed = Option<SystemTime>;

#[websocket("/session")]
impl Session {
    async fn open() -> Self {
        Self
    }

    async fn message(&mut self, _message: String) {}

    async fn refresh(self: &mut Self) -> Renewed {
        None
    }
}

/// As a function.
#[websocket("/function")]
pub async fn function(socket: Socket<String, String>) {
    socket.expires_at(Instant::now());
    socket.refresh(|| async { Some(Duration::from_secs(60)) });
    socket.connection().ended().await;
}

/// As a stream.
#[sse("/stream")]
pub async fn stream(set: Data<ClientSet<String>>, last: LastEventId) -> Subscription<String> {
    let until = SystemTime::now();
    set.subscribe(last).expires_at(until).refresh(|| async { Some(Expiry::NEVER) })
}

fn main() {
    assert_eq!((Account::ROUTE, Session::ROUTE), ("/account", "/session"));
}
