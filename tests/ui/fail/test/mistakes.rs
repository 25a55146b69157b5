// What stands above or within a test that does not belong there; a received type that does not deserialize.

use ereo_runtime::prelude::*;
use ereo_runtime::test::{Events, Socket};

#[ereo_runtime::test]
async fn with_an_argument(lines: u8) {}

#[ereo_runtime::test(flavor = "multi_thread")]
async fn with_keys() {}

#[ereo_runtime::test]
struct NoFunction;

#[derive(Serialize, Message)]
struct Sent;

async fn receives(feed: &mut Events, socket: &mut Socket) {
    feed.next::<Sent>().await;
    socket.next::<Sent>().await;
}

fn main() {}
// mend: with_an_argument(lines: u8) => with_an_argument()
// mend: test(flavor = "multi_thread") => test
// mend: #[ereo_runtime::test]⏎struct NoFunction; => struct NoFunction;
// mend: derive(Serialize, Message) => derive(Serialize, Deserialize, Message)
