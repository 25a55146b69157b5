//! An event stream that is followed.

use std::fmt;
use std::future::{Future, poll_fn};
use std::marker::PhantomData;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::{Buf as _, Bytes};
use futures_util::Stream;
use futures_util::future::BoxFuture;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Request, StatusCode};
use http_body_util::Empty;
use hyper::body::{Body as _, Incoming};
use tokio::time::{Instant, Sleep, sleep, timeout};

use super::link::{Attempt, Failure, Link};
use super::news::{Error, Lost, News, Reset};
use super::transport::chain;
use crate::log::Position;
use crate::receive::{Decoded, EventStream, FromEvent, Received, Told};

/// An event stream that is followed, whatever becomes of its connections; see the [module](super).
///
/// Also a [`Stream`], which ends where [`Events::next`] gives `None`.
pub struct Events<T> {
    link: Link,
    phase: Phase,
    /// Whether a connection was there before.
    opened: bool,
    message: PhantomData<fn() -> T>,
}

enum Phase {
    Waiting(Pin<Box<Sleep>>),
    Connecting(BoxFuture<'static, Result<Connected, Failure>>),
    Open(Box<Open>),
    Ended,
}

type Connected = (Incoming, Option<HeaderValue>);

struct Open {
    body: Incoming,
    unread: Bytes,
    stream: EventStream,
    /// What the server has said before its end.
    last_words: Option<Told>,
    silence: Silence,
}

/// So long a server may take for the head of its answer.
const HEAD: Duration = Duration::from_secs(30);

impl<T: FromEvent> Events<T> {
    pub(super) fn new(link: Link) -> Self {
        let phase = Phase::Connecting(Box::pin(connect(link.attempt())));
        Self { link, phase, opened: false, message: PhantomData }
    }

    /// What comes next; none once the stream is finished, or behind a final error. Nothing is lost where this
    /// is dropped before it is ready.
    ///
    /// # Errors
    /// Why it ends for good; or a message that cannot be read, behind which it goes on
    /// ([`Error::is_final`]).
    pub async fn next(&mut self) -> Result<Option<News<T>>, Error> {
        poll_fn(|cx| self.poll(cx)).await.transpose()
    }

    /// The id of the last message that was taken, or of what the stream has said behind it; empty where there
    /// was none. From there it can be followed again.
    pub fn last_event_id(&self) -> &str {
        &self.link.id
    }

    /// The same as a position, where it is one of a set.
    pub fn position(&self) -> Option<Position> {
        self.link.id.parse().ok()
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<News<T>, Error>>> {
        loop {
            match &mut self.phase {
                Phase::Ended => return Poll::Ready(None),
                Phase::Waiting(sleep) => {
                    ready!(sleep.as_mut().poll(cx));
                    self.phase = Phase::Connecting(Box::pin(connect(self.link.attempt())));
                }
                Phase::Connecting(connecting) => {
                    return Poll::Ready(match ready!(connecting.as_mut().poll(cx)) {
                        Ok((body, token)) => {
                            self.link.opened(token);
                            let stream = EventStream::within(self.link.largest);
                            let (unread, silence) = (Bytes::new(), Silence::default());
                            let open = Open { body, unread, stream, last_words: None, silence };
                            self.phase = Phase::Open(Box::new(open));
                            Some(Ok(self.open()))
                        }
                        Err(failure) => self.fail(failure),
                    });
                }
                Phase::Open(open) => match ready!(open.poll(&mut self.link, cx)) {
                    Ok(news) => return Poll::Ready(Some(news)),
                    Err(failure) => return Poll::Ready(self.fail(failure)),
                },
            }
        }
    }

    fn open(&mut self) -> News<T> {
        // Without any id what was sent in between is lost, and a loss is never silent.
        if std::mem::replace(&mut self.opened, true) && self.link.id.is_empty() {
            return News::Reset(Reset { reason: None, missed: None, position: None });
        }
        News::Open
    }

    fn fail(&mut self, failure: Failure) -> Option<Result<News<T>, Error>> {
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

async fn connect(mut attempt: Attempt) -> Result<Connected, Failure> {
    attempt.authorize().await?;
    let mut request = Request::new(Empty::new());
    *request.uri_mut() = attempt.uri.clone();
    *request.headers_mut() = attempt.headers.clone();
    let broken = |error| Failure::Again(Lost::Broken(error), Duration::ZERO);
    let response = timeout(HEAD, attempt.client.request(request));
    let late = |_| Failure::Again(Lost::Silent(HEAD), Duration::ZERO);
    let response = response.await.map_err(late)?.map_err(broken)?;
    let kind = response.headers().get(CONTENT_TYPE).map(HeaderValue::as_bytes);
    let is_stream = kind.is_some_and(|kind| kind.starts_with(b"text/event-stream"));
    if response.status() != StatusCode::OK || !is_stream {
        return Err(attempt.judge(response.status(), response.headers()));
    }
    Ok((response.into_body(), attempt.token))
}

impl Open {
    fn poll<T: FromEvent>(
        &mut self,
        link: &mut Link,
        cx: &mut Context<'_>,
    ) -> Poll<Result<Result<News<T>, Error>, Failure>> {
        loop {
            while let Some(decoded) = self.decode(link)? {
                if let Some(news) = self.news(decoded, link)? {
                    return Poll::Ready(Ok(news));
                }
            }
            let Poll::Ready(frame) = Pin::new(&mut self.body).poll_frame(cx) else {
                let time = ready!(self.silence.poll(cx));
                return Poll::Ready(Err(Failure::Again(Lost::Silent(time), Duration::ZERO)));
            };
            self.silence.ends();
            match frame {
                Some(Ok(frame)) => self.unread = frame.into_data().unwrap_or_default(),
                Some(Err(error)) => {
                    let broken = Lost::Broken(chain(&error));
                    return Poll::Ready(Err(Failure::Again(broken, link.said())));
                }
                None => return Poll::Ready(Err(self.end(link))),
            }
        }
    }

    fn decode(&mut self, link: &mut Link) -> Result<Option<Decoded>, Failure> {
        let mut bytes = self.unread.chunk();
        let decoded = self.stream.next(&mut bytes);
        let left = bytes.len();
        self.unread.advance(self.unread.len() - left);
        let decoded = decoded.map_err(|error| Failure::End(Error::TooLarge(error.max)))?;
        link.retry = self.stream.retry().or(link.retry);
        Ok(decoded)
    }

    /// What that is to who follows.
    fn news<T: FromEvent>(
        &mut self,
        decoded: Decoded,
        link: &mut Link,
    ) -> Result<Option<Result<News<T>, Error>>, Failure> {
        let event = match decoded {
            Decoded::Event(event) => Some(event),
            _ => None,
        };
        let told = event.as_ref().and_then(|event| Told::of(event.name.as_deref(), &event.data));
        // The id of an end is no position.
        match told {
            Some(Told::End) => return Err(Failure::Finished),
            Some(Told::Closed { code, reason, last: true }) => {
                return Err(Failure::End(Error::Closed { code, reason }));
            }
            _ => {}
        }
        // A new stream knows no id until the server sends one; the last one stays right until then.
        let id = self.stream.last_event_id();
        if !id.is_empty() && id != link.id {
            id.clone_into(&mut link.id);
        }
        let position = link.id.parse().ok();
        match (told, event) {
            (Some(Told::Reset { reason, missed }), _) => {
                let reason = Some(reason);
                Ok(Some(Ok(News::Reset(Reset { reason, missed, position }))))
            }
            (Some(Told::Heartbeat(every)), _) => {
                self.silence.beats(Duration::from_millis(every));
                Ok(None)
            }
            (Some(told @ (Told::Expired | Told::Closed { .. })), _) => {
                self.last_words = Some(told);
                Ok(None)
            }
            (Some(_), _) | (None, None) => Ok(None),
            (None, Some(event)) => {
                Ok(Some(match T::from_event(event.name.as_deref(), &event.data) {
                    Ok(data) => Ok(News::Message(Received { name: event.name, data, position })),
                    Err(error) => {
                        Err(Error::Unreadable { name: event.name, data: event.data, error })
                    }
                }))
            }
        }
    }

    fn end(&mut self, link: &Link) -> Failure {
        let cause = match self.last_words.take() {
            Some(Told::Expired) => Lost::Expired,
            Some(Told::Closed { code, reason, .. }) => Lost::Ended(Some((code, reason))),
            _ => Lost::Ended(None),
        };
        Failure::Again(cause, link.said())
    }
}

/// How long nothing was heard, against how often something is to be.
#[derive(Default)]
pub(super) struct Silence(Option<(Duration, Pin<Box<Sleep>>)>);

impl Silence {
    /// A heartbeat comes so often from now on.
    pub(super) fn beats(&mut self, every: Duration) {
        let time = every * 2;
        self.0 = (!every.is_zero()).then(|| (time, Box::pin(sleep(time))));
    }

    /// Something was heard.
    pub(super) fn ends(&mut self) {
        if let Some((time, sleep)) = &mut self.0 {
            sleep.as_mut().reset(Instant::now() + *time);
        }
    }

    /// Ready when it was too long.
    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Duration> {
        let Some((time, sleep)) = &mut self.0 else { return Poll::Pending };
        sleep.as_mut().poll(cx).map(|()| *time)
    }
}

impl<T: FromEvent> Stream for Events<T> {
    type Item = Result<News<T>, Error>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.get_mut().poll(cx)
    }
}

impl<T> fmt::Debug for Events<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Events").field("link", &self.link).finish_non_exhaustive()
    }
}
