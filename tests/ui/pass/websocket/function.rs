//! What a function may take and return.

#![forbid(unsafe_code)]
#![deny(missing_docs, warnings)]

use ereo_runtime::prelude::*;
use ereo_runtime::{Binary, Text, routes};

/// From clients.
#[derive(Deserialize)]
pub struct In {
    /// What is said.
    pub text: String,
}

/// To clients.
#[derive(Serialize, Message)]
pub enum Out {
    /// What was said.
    Said(String),
}

/// Not a socket's own error.
pub struct Failed;

impl From<Failed> for SocketError {
    fn from(_: Failed) -> Self {
        SocketError::other("failed")
    }
}

type Talk = Socket<In, Out>;
type Done<E = SocketError> = Result<(), E>;

/// The socket stands anywhere.
#[websocket("/rooms/{room}/ws")]
pub async fn room(room: String, page: Query<u8>, mut socket: Talk, _number: Option<Query<u8>>) -> Done {
    while let Some(In { text }) = socket.recv().await? {
        socket.send(&Out::Said(format!("{room} {page:?} {text}"))).await?;
    }
    Ok(())
}

#[websocket("/raw")]
async fn raw(socket: Socket<Binary, Text>) -> Done<Failed> {
    drop(socket);
    Err(Failed)
}

#[websocket("/sends")]
pub(crate) async fn sends(connection: Connection<Out>) {
    drop(connection);
}

#[websocket("/both")]
async fn both(connection: Connection<Out>, socket: Talk) -> () {
    drop((connection, socket));
}

#[websocket("/absent")]
#[cfg(any())]
async fn absent(nothing: OfThis) -> Exists {}

fn main() {
    assert_eq!(room::path("a/b"), "/rooms/a%2Fb/ws");
    assert_eq!((raw::ROUTE, sends::path().as_str(), both::ROUTE), ("/raw", "/sends", "/both"));
    let messages: Vec<_> = routes().unwrap().iter().map(|route| route.message).collect();
    assert!(messages.contains(&std::any::type_name::<Out>()));
    assert!(messages.contains(&std::any::type_name::<Text>()));
    let _: fn(String, Query<u8>, Talk, Option<Query<u8>>) -> _ = crate::room;
}
