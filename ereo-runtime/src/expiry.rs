//! When a connection's credentials end, and who may renew them.
//!
//! A connection outlives the request that was authorized, so it must end when its credentials do.
//! Both kinds are told when that is: [`Subscription::expires_at`](crate::broadcast::Subscription::expires_at) and
//! [`Connection::expires_at`](crate::websocket::Connection::expires_at). Nothing is sent after that moment but
//! the news of it.
//!
//! | | server-sent events | sockets |
//! |---|---|---|
//! | the end | `event: ereo.expired`, `data: {}`, with a `retry:` that spreads the return of those whose end is the same, then the end of the stream | close 3000, `expired` |
//! | the browser module | asks its `refresh` for fresh credentials and goes on from its position, or is `closed` without one | the same, with a new connection |
//!
//! A stream of the user's own that is no [`Subscription`](crate::broadcast::Subscription) ends by itself, as it likes.
//!
//! # Renewal
//! A callback, or the hook `refresh` of an `impl`, is asked ahead: 10 s before the end, or when
//! half of the time that is left has passed where that is less. It looks whether the credentials are
//! still good, for instance whether a session was renewed or a user is still allowed, and has until
//! the end to answer. With `Some` later moment the connection goes on as if nothing had been, and is
//! asked again before that. `Some` moment that is no later changes when it ends and is not asked about
//! again. With `None` it ends at once.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration, SystemTime};

use tokio::time::{Instant, Sleep, sleep_until};

/// How long before the end a renewal is asked for, at most.
const ASK_AHEAD: Duration = Duration::from_secs(10);

/// Credentials that are good for longer never end here: no clock has to hold their moment.
const AGES: Duration = Duration::from_secs(10 * 365 * 24 * 3600);

/// The moment at which credentials end.
///
/// ```
/// use std::time::{Duration, Instant, SystemTime};
/// use ereo_runtime::Expiry;
///
/// let in_an_hour = Expiry::from(Duration::from_secs(3600));
/// let session = Expiry::from(Instant::now() + Duration::from_secs(3600));
/// let token = Expiry::at_unix(1_893_456_000);             // the `exp` of a JSON Web Token
/// let certificate = Expiry::from(SystemTime::now() + Duration::from_secs(3600));
/// # let _ = (in_an_hour, session, token, certificate, Expiry::NEVER);
/// ```
///
/// A time of day is turned into a moment when it is given: setting the clock later moves nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Expiry(Option<Instant>);

impl Expiry {
    /// The credentials do not end.
    pub const NEVER: Self = Self(None);

    /// So many seconds after 1970-01-01 00:00 UTC, as the claim `exp` counts them (RFC 7519 section
    /// 4.1.4).
    pub fn at_unix(seconds: u64) -> Self {
        let now = SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default();
        Duration::from_secs(seconds).saturating_sub(now).into()
    }
}

impl From<Duration> for Expiry {
    /// From now.
    fn from(left: Duration) -> Self {
        Self((left < AGES).then(|| Instant::now() + left))
    }
}

impl From<Instant> for Expiry {
    fn from(moment: Instant) -> Self {
        Self(Some(moment))
    }
}

impl From<std::time::Instant> for Expiry {
    fn from(moment: std::time::Instant) -> Self {
        Self(Some(Instant::from_std(moment)))
    }
}

impl From<SystemTime> for Expiry {
    fn from(time: SystemTime) -> Self {
        // A time that has passed is now.
        time.duration_since(SystemTime::now()).unwrap_or_default().into()
    }
}

/// What `refresh` answers: `Some` new moment, or `None`, which ends the connection.
#[diagnostic::on_unimplemented(
    message = "`refresh` cannot return `{Self}`",
    label = "expected an `Option<Expiry>`",
    note = "return `Some` moment until which the credentials are good now, an `Expiry`, `SystemTime`, `Instant` or `Duration` from now, or `None` to end the connection"
)]
pub trait Renewal {
    /// Until when the credentials are good, if they are.
    fn into_expiry(self) -> Option<Expiry>;
}

/// A moment, told in the words of this crate where it is none.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no moment until which credentials are good",
    label = "expected an `Expiry`",
    note = "an `Expiry` is made of a `SystemTime`, an `Instant` or a `Duration` from now: of a JWT's `exp`, `std::time::UNIX_EPOCH + Duration::from_secs(exp)`"
)]
pub trait Moment: Into<Expiry> {}

#[diagnostic::do_not_recommend]
impl<E: Into<Expiry>> Moment for E {}

impl<E: Moment> Renewal for Option<E> {
    fn into_expiry(self) -> Option<Expiry> {
        self.map(Into::into)
    }
}

/// A renewal that is under way.
pub(crate) type Answer = Pin<Box<dyn Future<Output = Option<Expiry>>>>;

/// Asks for a renewal.
pub(crate) type Refresh = Box<dyn FnMut() -> Answer>;

/// A user's callback without its types.
pub(crate) fn refresh<F, A>(mut callback: F) -> Refresh
where
    F: FnMut() -> A + 'static,
    A: Future<Output: Renewal> + 'static,
{
    Box::new(move || {
        let answer = callback();
        Box::pin(async move { answer.await.into_expiry() })
    })
}

/// A connection's credentials; without an end until one is set.
#[derive(Default)]
pub(crate) struct Credentials {
    end: Option<Instant>,
    /// When a renewal is asked for, unless that has happened.
    ask: Option<Instant>,
    refresh: Option<Refresh>,
    answer: Option<Answer>,
    timer: Option<Pin<Box<Sleep>>>,
}

impl Credentials {
    /// When they end, as known by now.
    pub(crate) fn end(&self) -> Option<Instant> {
        self.end
    }

    /// They end then, instead of when they would have.
    pub(crate) fn expires_at(&mut self, Expiry(end): Expiry) {
        let ahead = |end: Instant| {
            let left = end.saturating_duration_since(Instant::now());
            end - ASK_AHEAD.min(left / 2)
        };
        self.end = end;
        self.ask = end.map(ahead);
    }

    pub(crate) fn refresh_by(&mut self, refresh: Refresh) {
        self.refresh = Some(refresh);
    }

    /// Ready once they have ended, and nobody has renewed them.
    pub(crate) fn poll_ended(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        loop {
            if let Some(answer) = &mut self.answer
                && let Poll::Ready(answer) = answer.as_mut().poll(cx)
            {
                self.answer = None;
                let Some(renewed) = answer else { return Poll::Ready(()) };
                self.renew(renewed);
            }
            let Some(end) = self.end else { return Poll::Pending };
            let may_ask = self.refresh.is_some() && self.answer.is_none();
            let next = self.ask.filter(|_| may_ask).unwrap_or(end);
            let timer = self.timer.get_or_insert_with(|| Box::pin(sleep_until(next)));
            if timer.deadline() != next {
                timer.as_mut().reset(next);
            }
            // A thread that was busy beyond the end has not looked at its timers yet.
            if timer.as_mut().poll(cx).is_pending() && Instant::now() < next {
                return Poll::Pending;
            }
            match &mut self.refresh {
                Some(refresh) if next < end => {
                    self.ask = None;
                    self.answer = Some(refresh());
                }
                _ => return Poll::Ready(()),
            }
        }
    }

    fn renew(&mut self, renewed: Expiry) {
        let before = self.end;
        self.expires_at(renewed);
        // Who gives the same moment again would be asked about it until it has come.
        if before.is_some_and(|before| self.end.is_some_and(|end| end <= before)) {
            self.ask = None;
        }
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials").field("end", &self.end).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
