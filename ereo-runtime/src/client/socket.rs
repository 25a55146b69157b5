//! A socket that is followed.

use std::collections::VecDeque;
use std::fmt;
use std::future::{Future, poll_fn};
use std::marker::PhantomData;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use futures_util::future::BoxFuture;
use tokio::time::{Sleep, sleep, timeout};
use tokio_tungstenite::tungstenite::Message as Frame;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;

use super::link::{Failure, Link};
use super::news::{Error, Lost, News, Reset};
use super::socket_open::{Connected, HANDSHAKE, Open, connect, told};
use crate::log::Position;
use crate::message::{Message, Payload};
use crate::receive::{FromSocket, Received, Told};

/// A socket that is followed, whatever becomes of its connections; see the [module](super).
///
/// It is [`Socket::next`] that reads and writes, so ask it also where nothing is expected.
pub struct Socket<In, Out> {
    link: Link,
    protocols: Vec<String>,
    last: fn(u16) -> bool,
    position: Option<fn(&In) -> Option<Position>>,
    phase: Phase,
    /// What is to be sent.
    queue: VecDeque<Frame>,
    messages: PhantomData<fn(Out) -> In>,
}

enum Phase {
    Waiting(Pin<Box<Sleep>>),
    Connecting(BoxFuture<'static, Result<Connected, Failure>>),
    Open(Box<Open>),
    Ended,
}

/// So many messages wait for a connection.
const QUEUE: usize = 100;

/// A message that was not taken, and will not be sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NotTaken {
    /// A hundred wait already.
    #[error("100 messages wait to be sent")]
    Full,
    /// The socket has ended for good.
    #[error("the socket has ended")]
    Ended,
    /// It cannot be written.
    #[error("the message cannot be written: {0}")]
    Unwritable(String),
}

impl<In: FromSocket, Out: Message> Socket<In, Out> {
    pub(super) fn new(
        link: Link,
        protocols: Vec<String>,
        last: fn(u16) -> bool,
        messages: PhantomData<fn(Out) -> In>,
    ) -> Self {
        let phase = Phase::Waiting(Box::pin(sleep(Duration::ZERO)));
        Self { link, protocols, last, position: None, phase, queue: VecDeque::new(), messages }
    }

    /// With what a message says of its position, where the server forwards a subscription with its positions:
    /// each new connection then goes on from the last one.
    pub fn with_position(mut self, position: fn(&In) -> Option<Position>) -> Self {
        self.position = Some(position);
        self
    }

    /// What comes next; none behind a final error or a [`Socket::close`]. Nothing is lost where this is
    /// dropped before it is ready.
    ///
    /// # Errors
    /// Why it ends for good; or a message that cannot be read, behind which it goes on
    /// ([`Error::is_final`]).
    pub async fn next(&mut self) -> Result<Option<News<In>>, Error> {
        poll_fn(|cx| self.poll(cx)).await.transpose()
    }

    /// Has a message sent, in its turn, by this or the next connection: [`Socket::next`] does it.
    /// What was handed to a connection that then broke is not sent again.
    ///
    /// # Errors
    /// [`NotTaken`].
    pub fn send(&mut self, message: &Out) -> Result<(), NotTaken> {
        let payload = message.to_payload();
        self.post(match payload.map_err(|error| NotTaken::Unwritable(error.to_string()))? {
            Payload::Text(text) => Frame::text(&*text),
            Payload::Binary(bytes) => Frame::Binary(bytes),
        })
    }

    /// Sends what waits, closes with this code and reason, and waits for the server to do so, half a minute
    /// at the most. What comes meanwhile is passed over.
    pub async fn close(mut self, code: u16, reason: &str) {
        let Phase::Open(open) = &mut self.phase else { return };
        let frame = CloseFrame { code: code.into(), reason: reason.into() };
        self.queue.push_back(Frame::Close(Some(frame)));
        let closed = poll_fn(|cx| open.poll_closed(&mut self.queue, cx));
        // One that does not close is closed by being dropped.
        let _ = timeout(HANDSHAKE, closed).await;
    }

    /// The position that was told last, and from which the next connection goes on.
    pub fn position(&self) -> Option<Position> {
        self.link.id.parse().ok()
    }

    fn post(&mut self, frame: Frame) -> Result<(), NotTaken> {
        match self.phase {
            Phase::Ended => Err(NotTaken::Ended),
            _ if self.queue.len() >= QUEUE => Err(NotTaken::Full),
            _ => {
                self.queue.push_back(frame);
                Ok(())
            }
        }
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<News<In>, Error>>> {
        loop {
            match &mut self.phase {
                Phase::Ended => return Poll::Ready(None),
                Phase::Waiting(sleep) => {
                    ready!(sleep.as_mut().poll(cx));
                    let (attempt, protocols) = (self.link.attempt(), self.protocols.join(", "));
                    let connecting = connect(attempt, protocols, self.link.largest);
                    self.phase = Phase::Connecting(Box::pin(connecting));
                }
                Phase::Connecting(connecting) => {
                    return Poll::Ready(match ready!(connecting.as_mut().poll(cx)) {
                        Ok((ws, token)) => {
                            self.link.opened(token);
                            self.phase = Phase::Open(Box::new(Open::new(ws)));
                            Some(Ok(News::Open))
                        }
                        Err(failure) => self.fail(failure),
                    });
                }
                Phase::Open(open) => {
                    // What cannot be written is told by what is read.
                    let _ = open.write(&mut self.queue, cx);
                    let frame = match open.read(cx, self.last, self.link.largest) {
                        Poll::Ready(Ok(payload)) => payload,
                        Poll::Ready(Err(failure)) => return Poll::Ready(self.fail(failure)),
                        Poll::Pending => return Poll::Pending,
                    };
                    if let Some(news) = self.news(&frame) {
                        return Poll::Ready(Some(news));
                    }
                }
            }
        }
    }

    fn news(&mut self, payload: &Payload) -> Option<Result<News<In>, Error>> {
        if let Some(Told::Reset { reason, missed }) = told(payload) {
            let reason = Some(reason);
            return Some(Ok(News::Reset(Reset { reason, missed, position: self.position() })));
        }
        let data = match In::from_socket(payload) {
            Ok(data) => data,
            Err(error) => {
                let data = match payload {
                    Payload::Text(text) => text.to_string(),
                    Payload::Binary(bytes) => String::from_utf8_lossy(bytes).into_owned(),
                };
                return Some(Err(Error::Unreadable { name: None, data, error }));
            }
        };
        let position = self.position.and_then(|position| position(&data));
        if let Some(position) = position {
            self.link.id = position.to_string();
        }
        Some(Ok(News::Message(Received { name: None, data, position })))
    }

    fn fail(&mut self, failure: Failure) -> Option<Result<News<In>, Error>> {
        self.phase = Phase::Ended;
        let (cause, ahead) = match failure {
            Failure::Finished => return None,
            Failure::End(error) => return Some(Err(error)),
            Failure::Again(cause, ahead) => (cause, ahead),
        };
        if cause == Lost::Expired
            && let Err(error) = self.link.expired()
        {
            return Some(Err(error));
        }
        let again_in = self.link.delay(ahead);
        self.phase = Phase::Waiting(Box::pin(sleep(again_in)));
        Some(Ok(News::Lost { cause, again_in }))
    }
}

impl<In, Out> fmt::Debug for Socket<In, Out> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Socket").field("link", &self.link).finish_non_exhaustive()
    }
}
