//! The route that is followed, and how.

use std::fmt;
use std::future::Future;
use std::marker::PhantomData;
use std::sync::Arc;

use http::{HeaderMap, HeaderName, HeaderValue};
use url::Url;

use super::events::Events;
use super::link::{Asked, Credentials, Link};
use super::socket::Socket;
use super::transport::Client;
use crate::backoff::Backoff;
use crate::log::Position;
use crate::message::Message;
use crate::receive::{FromEvent, FromSocket};

/// An event stream or a socket of a server, before it is followed.
#[must_use = "nothing is followed before `events` or `socket`"]
pub struct Target {
    link: Link,
    protocols: Vec<String>,
    last: fn(u16) -> bool,
}

/// A URL that is none, or of another scheme than `http`, `https`, `ws` and `wss`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}: expected a URL of http, https, ws or wss")]
pub struct InvalidUrl(String);

/// As large as that a message may be.
const LARGEST: usize = 16 << 20;

impl Target {
    pub(super) fn new(client: Client, text: &str) -> Result<Self, InvalidUrl> {
        let url = Url::parse(text).map_err(|error| InvalidUrl(format!("{text} ({error})")))?;
        // One of a scheme that the standard knows has a host.
        if !matches!(url.scheme(), "http" | "https" | "ws" | "wss") {
            return Err(InvalidUrl(text.to_owned()));
        }
        let link = Link::new(client, url, LARGEST);
        Ok(Self { link, protocols: Vec::new(), last: |code| code == 1008 || code >= 4000 })
    }

    /// From behind this position.
    pub fn after(self, position: Position) -> Self {
        self.after_id(position.to_string())
    }

    /// From behind this id, as [`Events::last_event_id`] gives it. One that no header may have is none.
    pub fn after_id(mut self, id: impl Into<String>) -> Self {
        self.link.id = id.into();
        self
    }

    /// With a header in the place of those of the same name.
    ///
    /// # Panics
    /// When it is none that can be sent.
    #[track_caller]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        let name = HeaderName::try_from(name).expect("the header's name is one");
        self.link.headers.insert(name, HeaderValue::try_from(value).expect("the value is one"));
        self
    }

    /// With what `ask` gives as `authorization`, such as `Bearer ..`: asked before the first connection, and
    /// again when it has ended or was refused. When it fails it is asked again later.
    pub fn credentials<F, R, E>(mut self, ask: F) -> Self
    where
        F: Fn(Asked) -> R + Send + Sync + 'static,
        R: Future<Output = Result<String, E>> + Send + 'static,
        E: fmt::Display,
    {
        let ask: Credentials = Arc::new(move |asked| {
            let asked = ask(asked);
            Box::pin(async move { asked.await.map_err(|error| error.to_string()) })
        });
        self.link.credentials = Some(ask);
        self
    }

    /// With other delays between the attempts. Its base gives way to a stream's `retry:`.
    pub fn backoff(mut self, backoff: Backoff) -> Self {
        self.link.backoff = backoff;
        self
    }

    /// With messages of so many bytes at most; 16 MiB by default.
    pub fn largest(mut self, bytes: usize) -> Self {
        self.link.largest = bytes;
        self
    }

    /// Offering these subprotocols, of a socket.
    pub fn protocols<'a>(mut self, protocols: impl IntoIterator<Item = &'a str>) -> Self {
        self.protocols = protocols.into_iter().map(str::to_owned).collect();
        self
    }

    /// At which codes a socket does not come back: 1008 and those from 4000 on by default.
    pub fn final_codes(mut self, last: fn(u16) -> bool) -> Self {
        self.last = last;
        self
    }

    /// Follows it as an event stream of `T`. It begins with the first [`Events::next`].
    pub fn events<T: FromEvent>(mut self) -> Events<T> {
        self.link.headers.insert("accept", HeaderValue::from_static("text/event-stream"));
        self.link.headers.insert("cache-control", HeaderValue::from_static("no-store"));
        Events::new(self.link)
    }

    /// Follows it as a socket that sends `In` and takes `Out`. It begins with the first [`Socket::next`].
    pub fn socket<In: FromSocket, Out: Message>(self) -> Socket<In, Out> {
        Socket::new(self.link, self.protocols, self.last, PhantomData)
    }
}

impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Target").field("link", &self.link).finish_non_exhaustive()
    }
}

/// The headers of a request that is not sent yet.
pub(super) type Headers = HeaderMap;
