//! An event stream, followed by a test.

use std::any::type_name;
use std::fmt;
use std::future::Future;
use std::panic::Location;
use std::time::Duration;

use bytes::{Buf as _, Bytes};
use tokio::time::timeout;

use super::ended::{Ended, Reset};
use super::http::Response;
use super::wait::{Unexpected, fail, short};
use crate::log::{LastEventId, Position};
use crate::receive::{Decoded, EventStream, FromEvent, Received, Told};

/// More than a test sends in one event.
const LARGEST: usize = 64 << 20;

/// Heartbeats are far between.
const BEAT: Duration = Duration::from_secs(60);

/// An event stream.
///
/// It is read by the test alone: while the test does something else, what comes stays in the connection's
/// buffers (64 KiB within the process), as with a client that is slow. Dropped, it is a client that has left.
pub struct Events {
    response: Response,
    stream: EventStream,
    unread: Bytes,
    /// What the server has said before the end.
    last_words: Option<Ended>,
    patience: Duration,
}

/// The next thing that happens on a stream.
enum Came {
    Event { name: Option<String>, data: String },
    Reset(Reset),
    Heartbeat,
    End(Ended),
}

impl fmt::Display for Came {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Event { name: Some(name), data } => {
                write!(f, "`event: {name}`, `data: {}`", short(data))
            }
            Self::Event { name: None, data } => write!(f, "`data: {}`", short(data)),
            Self::Reset(Reset { reason, missed, .. }) => {
                write!(f, "a reset ({}, missed: {missed:?})", reason.as_str())
            }
            Self::Heartbeat => f.write_str("a heartbeat"),
            Self::End(ended) => write!(f, "the end ({ended:?})"),
        }
    }
}

impl Events {
    pub(super) async fn begin(response: Response, patience: Duration) -> Self {
        let (stream, unread) = (EventStream::within(LARGEST), Bytes::new());
        let mut events = Self { response, stream, unread, last_words: None, patience };
        // With its first words, so that its position is known.
        let opening = timeout(patience, events.response.chunk()).await;
        events.unread = opening.ok().flatten().unwrap_or_default();
        if events.unread.starts_with(b"retry:") {
            events.decode();
        }
        events
    }

    /// The next message; heartbeats are passed over.
    ///
    /// # Panics
    /// When none comes in time, or something else does, with what it is.
    #[expect(clippy::should_implement_trait, reason = "no iterator waits")]
    #[track_caller]
    pub fn next<T: FromEvent>(&mut self) -> impl Future<Output = Received<T>> {
        let at = Location::caller();
        async move { self.try_next().await.unwrap_or_else(|error| fail(at, error)) }
    }

    /// The next message; heartbeats are passed over.
    ///
    /// # Errors
    /// When none comes in time, or something else does, with what it is.
    pub async fn try_next<T: FromEvent>(&mut self) -> Result<Received<T>, Unexpected> {
        let expected = format!("a `{}`", type_name::<T>());
        match self.came_within(&expected, self.patience).await? {
            Came::Event { name, data } => match T::from_event(name.as_deref(), &data) {
                Ok(message) => Ok(Received { name, data: message, position: self.position() }),
                Err(error) => {
                    let came = Came::Event { name, data };
                    Err(Unexpected::new(expected, format_args!("{came} came: {error}")))
                }
            },
            other => Err(Unexpected::new(expected, format_args!("{other} came"))),
        }
    }

    /// The news that messages are missing, which is to be the next thing that comes.
    ///
    /// # Panics
    /// When something else comes, or nothing.
    #[track_caller]
    pub fn reset(&mut self) -> impl Future<Output = Reset> {
        let at = Location::caller();
        async move {
            match self.came_within("a reset", self.patience).await {
                Ok(Came::Reset(reset)) => reset,
                Ok(other) => fail(at, format_args!("expected a reset, but {other} came")),
                Err(error) => fail(at, error),
            }
        }
    }

    /// Waits for a heartbeat, for a minute at the most.
    ///
    /// # Panics
    /// When something else comes, or nothing.
    #[track_caller]
    pub fn heartbeat(&mut self) -> impl Future<Output = ()> {
        let at = Location::caller();
        async move {
            match timeout(BEAT.max(self.patience), self.came()).await {
                Ok(Came::Heartbeat) => {}
                Ok(other) => fail(at, format_args!("expected a heartbeat, but {other} came")),
                Err(_) => fail(at, "expected a heartbeat, but nothing came"),
            }
        }
    }

    /// Holds that nothing comes for so long: heartbeats do not count.
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

    /// Waits for the end, which is to be the next thing that comes.
    ///
    /// # Panics
    /// When something else comes, or nothing.
    #[track_caller]
    pub fn ended(&mut self) -> impl Future<Output = Ended> {
        let at = Location::caller();
        async move {
            match self.came_within("the end", self.patience).await {
                Ok(Came::End(ended)) => ended,
                Ok(other) => fail(at, format_args!("expected the end, but {other} came")),
                Err(error) => fail(at, error),
            }
        }
    }

    /// Where the stream is: behind the last event that was read. None of a stream without positions of a
    /// set.
    pub fn position(&self) -> Option<Position> {
        self.stream.last_event_id().parse().ok()
    }

    /// The id of the last event that had one, whatever it is; empty where none had.
    pub fn last_event_id(&self) -> &str {
        self.stream.last_event_id()
    }

    /// How long a client is to wait before it comes back, as the stream has said last.
    pub fn retry(&self) -> Option<Duration> {
        self.stream.retry()
    }

    /// The header of the answer that has this name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.response.head.headers().get(name)?.to_str().ok()
    }

    /// Leaves, and returns the position once the server has seen it: the client is gone from its set. Of a merged
    /// stream it has one place for each set.
    pub async fn close(self) -> LastEventId {
        let last = self.stream.last_event_id();
        let last = if last.is_empty() { LastEventId::none() } else { LastEventId::read(last) };
        self.response.leave().await;
        last
    }

    /// What comes within `time` and is no heartbeat.
    async fn came_within(&mut self, expected: &str, time: Duration) -> Result<Came, Unexpected> {
        let mut beats = 0;
        let next = async {
            loop {
                match self.came().await {
                    Came::Heartbeat => beats += 1,
                    other => return other,
                }
            }
        };
        match timeout(time, next).await {
            Ok(came) => Ok(came),
            Err(_) if beats > 0 => {
                let instead = format!("{beats} heartbeats came within {time:?}, and nothing else");
                Err(Unexpected::new(expected, instead))
            }
            Err(_) => Err(Unexpected::new(expected, format_args!("nothing came within {time:?}"))),
        }
    }

    /// The next thing. Nothing is lost where it is dropped.
    async fn came(&mut self) -> Came {
        loop {
            if let Some(came) = self.decoded() {
                return came;
            }
            match self.response.chunk().await {
                Some(chunk) => self.unread = chunk,
                None => {
                    let retry = self.stream.retry();
                    return Came::End(self.last_words.clone().unwrap_or(Ended::ComeBack(retry)));
                }
            }
        }
    }

    /// What of that is read already.
    fn decoded(&mut self) -> Option<Came> {
        loop {
            let event = match self.decode()? {
                Decoded::Empty => continue,
                Decoded::Comment(_) => return Some(Came::Heartbeat),
                Decoded::Event(event) => event,
            };
            match Told::of(event.name.as_deref(), &event.data) {
                None => return Some(Came::Event { name: event.name, data: event.data }),
                Some(Told::Reset { reason, missed }) => {
                    let position = self.position();
                    return Some(Came::Reset(Reset { reason, missed, position }));
                }
                Some(Told::Heartbeat(_)) => return Some(Came::Heartbeat),
                Some(Told::Expired) => self.last_words = Some(Ended::Expired),
                Some(Told::End) => self.last_words = Some(Ended::Finished),
                Some(Told::Closed { code, reason, last }) => {
                    self.last_words = Some(Ended::Closed { code, reason, last });
                }
                Some(Told::Unknown) => {}
            }
        }
    }
}

impl Events {
    fn decode(&mut self) -> Option<Decoded> {
        let mut bytes = self.unread.chunk();
        let decoded = self.stream.next(&mut bytes);
        let left = bytes.len();
        self.unread.advance(self.unread.len() - left);
        decoded.expect("an event of a test is not that large")
    }
}

impl fmt::Debug for Events {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Events").field("position", &self.position()).finish_non_exhaustive()
    }
}
