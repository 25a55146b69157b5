//! The hook `unreadable`, with each argument and each return type, and beside functions of like names.

#![forbid(unsafe_code)]
#![deny(missing_docs, warnings)]

use ereo_runtime::prelude::*;
use ereo_runtime::websocket::DecodeError;

struct Answers(Connection<String>);

#[websocket("/answers")]
impl Answers {
    async fn open(connection: Connection<String>) -> Self {
        Self(connection)
    }

    async fn message(&mut self, number: u8) -> Result<(), SocketError> {
        self.0.send(&number.to_string()).await
    }

    async fn unreadable(&mut self, message: Unreadable) -> Result<(), SocketError> {
        match message.text() {
            Some("ping") => self.0.send(&"pong".to_owned()).await,
            _ => Err(message.into()),
        }
    }
}

struct Counts {
    errors: Vec<DecodeError>,
}

/// An error of the user's own.
#[derive(Debug)]
struct Enough;

impl From<Enough> for SocketError {
    fn from(Enough: Enough) -> Self {
        Self::other("enough")
    }
}

#[websocket("/counts", crate = ereo_runtime)]
impl Counts {
    async fn open(_connection: Connection<String>) -> Self {
        Self { errors: Vec::new() }
    }

    async fn message(&mut self, _message: String) {
        let _ = self.readable().await;
    }

    #[cfg(all())]
    async fn unreadable(&mut self, error: DecodeError) -> Result<(), Enough> {
        self.errors.push(error);
        if self.errors.len() > 3 { Err(Enough) } else { Ok(()) }
    }

    async fn readable(&self) -> bool {
        self.errors.is_empty()
    }
}

struct Ignores;

#[websocket("/ignores")]
impl Ignores {
    async fn open(_connection: Connection<String>) -> Self {
        Self
    }

    async fn message(&mut self, _message: String) {}

    async fn unreadable(&mut self, _message: Unreadable) {}
}

fn main() {
    assert_eq!((Answers::ROUTE, Counts::ROUTE, Ignores::ROUTE), ("/answers", "/counts", "/ignores"));
}
