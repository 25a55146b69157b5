//! Every key, and every value that it may have.

#![forbid(unsafe_code)]
#![deny(missing_docs, warnings)]

use ereo_runtime::prelude::*;

/// All of them.
#[websocket(
    "/all",
    max_message = "1MiB",
    origins = ["https://app.example", "http://localhost:3000", "http://[::1]:8080"],
    ping = "500ms",
    idle = "2m",
    message_timeout = "10s",
    compression = "on",
    compression_threshold = "1KiB",
    group = "v2"
)]
pub async fn all(socket: Socket<String, String>) {
    drop(socket);
}

/// For apps in a web view, subdomains and its own host, with subprotocols.
#[websocket(
    "/apps",
    origins = ["self", "https://*.app.example", "capacitor://localhost", "chrome-extension://abc", "file://", "null"],
    protocols = ["chat.v2", "chat.v1"],
)]
pub async fn apps(socket: Socket<String, String>) {
    drop(socket);
}

/// Without timers, for every page.
#[websocket("/off", max_message = "512B", origins = ["*"], ping = "off", idle = "off", message_timeout = "off", compression = "off",)]
pub async fn off(socket: Socket<String, String>) {
    drop(socket);
}

#[websocket("/hooks", max_message = "1GiB", origins = ["https://app.example"], protocols = ["mqtt"], idle = "10s", compression = "broadcast")]
impl Hooks {
    async fn open() -> Self {
        Self
    }

    async fn message(&mut self, _message: String) {}
}

struct Hooks;

fn main() {
    assert_eq!((all::ROUTE, off::ROUTE, Hooks::ROUTE), ("/all", "/off", "/hooks"));
    assert_eq!(ereo_runtime::routes().unwrap().group("v2").iter().count(), 1);
}
