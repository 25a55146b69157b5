//! The connection that hears: one subscription for all logs, each to its channel.

use std::collections::HashMap;
use std::time::Duration;

use bytes::Bytes;
use futures_util::StreamExt as _;
use redis::Msg;
use redis::aio::{PubSub, PubSubSink};
use tokio::sync::{mpsc, oneshot};
use tokio::time::{interval, sleep, timeout};

use super::address::Address;
use super::link::{AGAIN, ANSWER, CONNECT, late};
use super::script::news;
use super::server::Unfit;
use super::trouble::Trouble;
use crate::broadcast::store::Kept;
use crate::sync::Arc;

/// So many messages wait for a mirror; one that is further behind reads the log instead.
const NEWS: usize = 1024;

/// So many channels are subscribed to at once.
const CHANNELS: usize = 1024;

/// How often the connection is asked whether it is alive, and looked for channels that nobody follows any more.
const PING: Duration = Duration::from_secs(5);

type Answer = oneshot::Sender<Result<mpsc::Receiver<Kept>, Trouble>>;

/// Asks to follow a channel.
pub(super) struct Follow {
    pub(super) channel: String,
    pub(super) answer: Answer,
}

/// Who follows what. All that there is on one connection is gone with it: who followed finds that, and asks anew.
#[derive(Default)]
struct Followers(HashMap<String, Vec<mpsc::Sender<Kept>>>);

impl Followers {
    fn tell(&mut self, message: &Msg) {
        let Some(followers) = self.0.get_mut(message.get_channel_name()) else { return };
        let all = news(&Bytes::copy_from_slice(message.get_payload_bytes()));
        followers.retain(|follower| all.iter().all(|kept| follower.try_send(kept.clone()).is_ok()));
    }

    /// Channels that nobody follows any more.
    fn deserted(&mut self) -> Vec<String> {
        let mut deserted = Vec::new();
        self.0.retain(|channel, followers| {
            followers.retain(|follower| !follower.is_closed());
            if followers.is_empty() {
                deserted.push(channel.clone());
            }
            !followers.is_empty()
        });
        deserted
    }
}

/// Hears for as long as somebody may ask to follow.
pub(super) async fn listen(address: Arc<Address>, mut asked: mpsc::Receiver<Follow>) {
    let mut failed = 0;
    while !asked.is_closed() || !asked.is_empty() {
        let connected = timeout(CONNECT, async {
            let client = address.client().await.map_err(Unfit::trouble)?;
            client.get_async_pubsub().await.map_err(Trouble::from)
        });
        let trouble = match connected.await {
            Ok(Ok(connection)) => {
                failed = 0;
                match hear(connection, &mut asked).await {
                    Ok(()) => return,
                    Err(trouble) => trouble,
                }
            }
            Ok(Err(trouble)) => trouble,
            Err(_) => late(),
        };
        if failed == 0 {
            tracing::warn!(%trouble, "the subscription to Redis has ended");
        }
        sleep(AGAIN.delay(failed)).await;
        failed += 1;
        // Who asks again is told the same, or waits for the next one.
        while failed > 1
            && let Ok(follow) = asked.try_recv()
        {
            let _ = follow.answer.send(Err(trouble.clone()));
        }
    }
}

async fn hear(connection: PubSub, asked: &mut mpsc::Receiver<Follow>) -> Result<(), Trouble> {
    let (mut sink, mut messages) = connection.split();
    let mut followers = Followers::default();
    let mut pings = interval(PING);
    let mut batch = Vec::new();
    loop {
        tokio::select! {
            message = messages.next() => match message {
                Some(message) => followers.tell(&message),
                None => return Err(Trouble::Unreachable("the connection has ended".to_owned())),
            },
            count = asked.recv_many(&mut batch, CHANNELS) => {
                if count == 0 {
                    return Ok(());
                }
                subscribe(&mut sink, &mut followers, &mut batch).await?;
            }
            _ = pings.tick() => {
                let deserted = followers.deserted();
                if !deserted.is_empty() {
                    in_time(sink.unsubscribe(deserted)).await?;
                }
                in_time(sink.ping::<redis::Value>()).await?;
            }
        }
    }
}

/// Those who ask are told when the server has said that it does. A connection that does not say so is thrown away, however
/// alive it looks.
async fn subscribe(
    sink: &mut PubSubSink,
    followers: &mut Followers,
    batch: &mut Vec<Follow>,
) -> Result<(), Trouble> {
    let channels: Vec<_> = batch.iter().map(|follow| follow.channel.clone()).collect();
    let subscribed = in_time(sink.subscribe(channels)).await;
    for Follow { channel, answer } in batch.drain(..) {
        let answered = subscribed.clone().map(|()| {
            let (news, heard) = mpsc::channel(NEWS);
            followers.0.entry(channel).or_default().push(news);
            heard
        });
        let _ = answer.send(answered);
    }
    subscribed
}

async fn in_time<R>(answer: impl Future<Output = redis::RedisResult<R>>) -> Result<R, Trouble> {
    let answer = timeout(ANSWER, answer).await.map_err(|_| late())?;
    answer.map_err(Trouble::from)
}
