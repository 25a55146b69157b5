//! Sets over a server.

use std::time::Duration;

use tokio::time::timeout;

use super::Redis;
use crate::broadcast::{ClientSet, Delivery, Subscription};
use crate::log::LastEventId;

#[path = "../../../../tests/redis/server.rs"]
mod server;

use server::{FORGETS, RedisServer};

async fn next(reader: &mut Subscription<String>) -> String {
    match timeout(Duration::from_secs(10), reader.recv()).await.unwrap().unwrap() {
        Delivery::Message { message, .. } => message.clone(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_message_reaches_the_readers_of_two_nodes_in_order() {
    let server = RedisServer::start(FORGETS);
    let (here, there) =
        (Redis::connect(server.url()).await.unwrap(), Redis::connect(server.url()).await.unwrap());
    let [here, there] =
        [&here, &there].map(|store| ClientSet::<String>::builder().store(store.log("set")).build());
    let mut reader = there.subscribe(LastEventId::none());
    reader.opened().await;
    for n in 0..100 {
        here.broadcast(&format!("{n}")).unwrap();
    }
    for n in 0..100 {
        assert_eq!(next(&mut reader).await, n.to_string());
    }
    let placed = there.broadcast(&"back".to_owned()).unwrap().await.unwrap();
    assert_eq!(placed.offset(), 101);
}
