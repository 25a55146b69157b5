//! A socket, used by a test.

use std::any::type_name;
use std::collections::VecDeque;
use std::fmt;
use std::future::Future;
use std::panic::Location;
use std::time::Duration;

use actix_http::ws;
use bytes::BytesMut;
use serde::Serialize;
use serde_json::Value;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::ended::Closed;
use super::http::Wire;
use super::socket_task::{self, Came};
use super::wait::{Unexpected, fail, short};
use crate::message::{Message, Payload};
use crate::receive::FromSocket;
use crate::websocket::CloseCode;

/// A socket.
///
/// Pings are answered whatever the test does. What comes is kept for it, up to a thousand messages: then
/// the socket is a client that does not read. Dropped, it is one that has vanished.
pub struct Socket {
    commands: mpsc::Sender<ws::Message>,
    told: mpsc::Receiver<Came>,
    /// What came before the answer that was waited for.
    earlier: VecDeque<Payload>,
    closed: Option<Closed>,
    task: JoinHandle<()>,
    protocol: Option<String>,
    asked: u64,
    patience: Duration,
}

impl Socket {
    pub(super) fn begin(
        wire: Wire,
        unread: BytesMut,
        protocol: Option<String>,
        patience: Duration,
    ) -> Self {
        let (commands, told, task) = socket_task::spawn(wire, unread);
        let earlier = VecDeque::new();
        Self { commands, told, earlier, closed: None, task, protocol, asked: 0, patience }
    }

    /// Sends a message: text and bytes as they are, all else as JSON.
    ///
    /// # Panics
    /// When it cannot be written, or the socket is closed.
    #[track_caller]
    pub fn send<T: Message + ?Sized>(&mut self, message: &T) -> impl Future<Output = ()> {
        let message = match message.to_payload().expect("the message can be written") {
            Payload::Text(text) => ws::Message::Text(text),
            Payload::Binary(bytes) => ws::Message::Binary(bytes),
        };
        self.post(Location::caller(), message)
    }

    /// The next message.
    ///
    /// # Panics
    /// When none comes in time, or something else does, with what it is.
    #[expect(clippy::should_implement_trait, reason = "no iterator waits")]
    #[track_caller]
    pub fn next<T: FromSocket>(&mut self) -> impl Future<Output = T> {
        let at = Location::caller();
        async move { self.try_next().await.unwrap_or_else(|error| fail(at, error)) }
    }

    /// The next message.
    ///
    /// # Errors
    /// When none comes in time, or something else does, with what it is.
    pub async fn try_next<T: FromSocket>(&mut self) -> Result<T, Unexpected> {
        let expected = format!("a `{}`", type_name::<T>());
        match self.came_within(&expected, self.patience).await? {
            Came::Message(frame) => read(&expected, &frame),
            Came::Closed(closed) => {
                Err(Unexpected::new(expected, format_args!("the socket was closed: {closed:?}")))
            }
        }
    }

    /// Holds that the next message is `expected`, in whatever order its JSON has the fields.
    ///
    /// # Panics
    /// When it is not, with what came instead.
    #[track_caller]
    pub fn expect<T: Message + ?Sized>(&mut self, expected: &T) -> impl Future<Output = ()> {
        let at = Location::caller();
        let expected = expected.to_payload().expect("the message can be written");
        async move {
            let text = text_of(&expected);
            match self.came_within(&text, self.patience).await {
                Ok(Came::Message(message)) if are_equal(&message, &expected) => {}
                Ok(other) => fail(at, format_args!("expected {text}, but {other} came")),
                Err(error) => fail(at, error),
            }
        }
    }

    /// Sends a message with an `id` that no other has, and gives the message that comes with it: as `ask` of
    /// the browser module. What comes before it stays for [`Socket::next`].
    ///
    /// # Panics
    /// When `message` is no JSON object, or no answer comes in time, with what came instead.
    #[track_caller]
    pub fn ask<T: FromSocket>(
        &mut self,
        message: &(impl Serialize + ?Sized),
    ) -> impl Future<Output = T> {
        let at = Location::caller();
        let mut message = serde_json::to_value(message).expect("the message serializes");
        let Value::Object(fields) = &mut message else {
            panic!("what is asked has an `id`, which {message} cannot have");
        };
        self.asked += 1;
        let id = Value::from(self.asked);
        fields.insert("id".to_owned(), id.clone());
        async move {
            self.send(&message).await;
            let expected = format!("an answer to {message}");
            let mut before = std::mem::take(&mut self.earlier);
            let answer = loop {
                match self.came_within(&expected, self.patience).await {
                    Ok(Came::Message(frame)) if id_of(&frame).as_ref() == Some(&id) => break frame,
                    Ok(Came::Message(frame)) => before.push_back(frame),
                    Ok(Came::Closed(closed)) => {
                        fail(at, format_args!("expected {expected}, but {closed:?}"));
                    }
                    Err(error) => {
                        fail(at, format_args!("{error}; before it came {}", list(&before)));
                    }
                }
            };
            self.earlier = before;
            read(&expected, &answer).unwrap_or_else(|error| fail(at, error))
        }
    }

    /// Holds that nothing comes for so long: pings do not count.
    ///
    /// # Panics
    /// When something comes.
    #[track_caller]
    pub fn silent_for(&mut self, time: Duration) -> impl Future<Output = ()> {
        let at = Location::caller();
        async move {
            if let Ok(came) = self.came_within("nothing", time).await {
                fail(at, format_args!("expected silence for {time:?}, but {came} came"));
            }
        }
    }

    /// Waits until the server has closed the socket, which is to be the next thing that comes.
    ///
    /// # Panics
    /// When a message comes, or nothing.
    #[track_caller]
    pub fn closed(&mut self) -> impl Future<Output = Closed> {
        let at = Location::caller();
        async move {
            match self.came_within("the close", self.patience).await {
                Ok(Came::Closed(closed)) => closed,
                Ok(other) => fail(at, format_args!("expected the close, but {other} came")),
                Err(error) => fail(at, error),
            }
        }
    }

    /// Closes the socket with this code, and gives what the server closed it with, once it has seen the end:
    /// the client is gone from its set. Messages that are still under way are passed over.
    ///
    /// # Panics
    /// When `code` is none that may be sent, or the server does not close in time.
    #[track_caller]
    pub fn close(mut self, code: u16) -> impl Future<Output = Closed> {
        let at = Location::caller();
        assert!(CloseCode::new(code).is_some(), "{code} is no code that a close frame may have");
        async move {
            let reason = ws::CloseReason { code: code.into(), description: None };
            // One that is closed already has told how.
            let _ = self.commands.send(ws::Message::Close(Some(reason))).await;
            let patience = self.patience;
            let ended = async move {
                let closed = loop {
                    if let Came::Closed(closed) = self.came().await {
                        break closed;
                    }
                };
                // It has panicked or ended: either way it is gone.
                let _ = self.task.await;
                closed
            };
            match timeout(patience, ended).await {
                Ok(closed) => closed,
                Err(_) => fail(at, "expected the close, but the server does not close"),
            }
        }
    }

    /// The subprotocol that was agreed on.
    pub fn protocol(&self) -> Option<&str> {
        self.protocol.as_deref()
    }

    async fn post(&mut self, at: &'static Location<'static>, message: ws::Message) {
        if self.commands.send(message).await.is_err() {
            let closed = self.came_within("an open socket", self.patience).await;
            let how = closed.map_or_else(|error| error.to_string(), |came| came.to_string());
            fail(at, format_args!("the socket is closed: {how}"));
        }
    }

    async fn came_within(&mut self, expected: &str, time: Duration) -> Result<Came, Unexpected> {
        let came = timeout(time, self.came()).await;
        came.map_err(|_| Unexpected::new(expected, format_args!("nothing came within {time:?}")))
    }

    /// The next thing. Nothing is lost where it is dropped.
    async fn came(&mut self) -> Came {
        if let Some(frame) = self.earlier.pop_front() {
            return Came::Message(frame);
        }
        if let Some(closed) = &self.closed {
            return Came::Closed(closed.clone());
        }
        match self.told.recv().await {
            Some(Came::Message(frame)) => Came::Message(frame),
            last => {
                let closed = match last {
                    Some(Came::Closed(closed)) => closed,
                    _ => Closed::vanished(),
                };
                Came::Closed(self.closed.insert(closed).clone())
            }
        }
    }
}

fn read<T: FromSocket>(expected: &str, frame: &Payload) -> Result<T, Unexpected> {
    T::from_socket(frame).map_err(|error| {
        Unexpected::new(expected, format_args!("{} came: {error}", text_of(frame)))
    })
}

fn are_equal(one: &Payload, other: &Payload) -> bool {
    let json = |payload| Value::from_socket(payload).ok();
    one == other || json(one).is_some_and(|value| Some(value) == json(other))
}

fn id_of(frame: &Payload) -> Option<Value> {
    Value::from_socket(frame).ok()?.get_mut("id").map(Value::take)
}

pub(super) fn text_of(frame: &Payload) -> String {
    match frame {
        Payload::Text(text) => format!("`{}`", short(text)),
        Payload::Binary(bytes) => format!("{} bytes", bytes.len()),
    }
}

fn list(frames: &VecDeque<Payload>) -> String {
    match frames.len() {
        0 => "nothing".to_owned(),
        _ => Vec::from_iter(frames.iter().map(text_of)).join(", "),
    }
}

impl fmt::Debug for Socket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Socket").field("closed", &self.closed).finish_non_exhaustive()
    }
}
