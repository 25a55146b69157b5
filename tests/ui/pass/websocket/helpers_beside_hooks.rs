//! Private helpers, constants and functions in the `impl` of the hooks.

#![forbid(unsafe_code)]
#![deny(missing_docs, warnings)]

use ereo_runtime::prelude::*;

struct Counter {
    connection: Connection<String>,
    count: u32,
}

#[websocket("/count/{from}")]
impl Counter {
    const STEP: u32 = 2;

    async fn open(from: u32, connection: Connection<String>) -> Self {
        Self { connection, count: Self::start(from) }
    }

    async fn message(&mut self, message: String) -> Result<(), SocketError> {
        self.count += Self::STEP;
        self.tell(&message).await
    }

    fn start(from: u32) -> u32 {
        from
    }

    async fn tell(&self, message: &str) -> Result<(), SocketError> {
        self.connection.send(&format!("{} {message}", self.count)).await
    }
}

fn main() {
    assert_eq!(Counter::path(1), "/count/1");
}
