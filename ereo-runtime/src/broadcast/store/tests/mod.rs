//! What a set over a store promises, whatever the store does.

#[cfg(all(feature = "redis", feature = "sqlite"))]
mod backends;
mod composed;
#[cfg(all(feature = "redis", feature = "sqlite"))]
mod conformance;
mod faults;
mod order;

#[cfg(feature = "redis")]
#[path = "../../../../tests/redis/server.rs"]
pub(super) mod redis_server;

use std::time::Duration;

use tokio::time::timeout;

use super::memory::Memory;
use crate::broadcast::{ClientSet, Delivery, ResetReason, Subscription};
use crate::log::Position;

const NAME: &str = "set";

fn set(store: &Memory) -> ClientSet<String> {
    ClientSet::builder().history(100).store(store.log(NAME)).build()
}

fn text(message: impl ToString) -> String {
    message.to_string()
}

/// What a reader is told, in short.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Told {
    Message(String),
    Reset(ResetReason, Option<u64>),
}

/// What comes within a second, and where the reader is then.
async fn told(reader: &mut Subscription<String>) -> Vec<Told> {
    let mut all = Vec::new();
    while let Ok(Some(delivery)) = timeout(Duration::from_secs(3), reader.recv()).await {
        all.push(match delivery {
            Delivery::Message { message, .. } => Told::Message(message.clone()),
            Delivery::Reset { reason, missed, .. } => Told::Reset(reason, missed),
            _ => unreachable!("nothing is filtered and nothing expires"),
        });
    }
    all
}

fn messages<M: ToString>(texts: impl IntoIterator<Item = M>) -> Vec<Told> {
    texts.into_iter().map(|message| Told::Message(text(message))).collect()
}

async fn send(set: &ClientSet<String>, texts: std::ops::Range<u32>) -> Position {
    let mut last = None;
    for n in texts {
        last = Some(set.broadcast(&text(n)).unwrap().await.unwrap());
    }
    last.unwrap()
}
