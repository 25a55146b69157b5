//! What follows another service's event streams and sockets: for services and command-line tools.
//!
//! A [`Client`] speaks HTTP/1.1 and HTTP/2, and TLS by rustls with the system's certificates. What it follows
//! comes back by itself, from the position of the last message that was taken, and tells what a program has
//! to know: messages, that some are missing, that the connection is lost or there again, and why it ends for
//! good. The messages are the types that the server sends, with `Deserialize` beside.
//!
//! ```no_run
//! use ereo_runtime::client::{Client, News};
//! use ereo_runtime::prelude::*;
//!
//! #[derive(Debug, Serialize, Deserialize, Message)]
//! #[serde(rename_all = "snake_case")]
//! enum Feed {
//!     OrderPlaced { id: u64 },
//!     Cancelled(u64),
//! }
//!
//! # async fn follow() -> Result<(), Box<dyn std::error::Error>> {
//! let client = Client::new();
//! let feed = client.at("https://shop.example/orders/feed")?.credentials(|_| async {
//!     tokio::fs::read_to_string("/run/token").await.map(|token| format!("Bearer {token}"))
//! });
//! let mut feed = feed.events::<Feed>();
//! while let Some(news) = feed.next().await? {
//!     match news {
//!         News::Message(received) => println!("{:?}", received.data),
//!         News::Reset(reset) => println!("{reset}: to be loaded anew"),
//!         News::Lost { cause, again_in } => eprintln!("{cause}, again in {again_in:?}"),
//!         _ => {}
//!     }
//! }
//! # Ok(()) }
//! ```
//!
//! # Coming back
//! | what happens | what follows |
//! |---|---|
//! | the connection breaks, or the server ends it and the stream is not finished | again, not before the stream's `retry:` is over, and up to as much later |
//! | no answer, 408, 425, 429, 5xx | again, after `Retry-After` and the delay of the [`Backoff`](crate::Backoff) |
//! | nothing is heard for two heartbeats of the server | it is given up, and again |
//! | 401, or the credentials have ended (`ereo.expired`, close 3000) | again with fresh [credentials](Target::credentials); where there are none, or fresh ones are refused, the end |
//! | 204, `ereo.end` | the end: [`Events::next`] gives `None` |
//! | any other status, `ereo.closed` that is final, a socket's [final code](Target::final_codes) | the end: an [`Error`] |
//! | a position that the server cannot go on from | [`News::Reset`], and on from where the server is |
//!
//! A message counts as taken when [`Events::next`] has returned it: a program that keeps
//! [`Events::last_event_id`] with what it has made of the message, and begins with it
//! ([`Target::after_id`]), misses nothing and has nothing twice, across its own restarts as well.
//!
//! # Bounds
//! A line, an event and a socket's message are 16 MiB at most ([`Target::largest`]); 100 messages wait for a
//! socket that is away. Nothing else is kept: who does not ask for the next message makes the server wait.

mod events;
mod link;
mod news;
mod socket;
mod socket_open;
mod target;
mod transport;

pub use events::Events;
pub use link::Asked;
pub use news::{Error, Lost, News, Reset};
pub use socket::{NotTaken, Socket};
pub use target::{InvalidUrl, Target};
pub use transport::Client;

/// The TLS that [`Client::with_tls`] takes.
pub use rustls;

pub use crate::receive::{
    Decoded, EventStream, EventText, FromEvent, FromSocket, ReadError, Received, TooLarge,
};
