//! The live route of a loader: its position is taken before the load.

use std::task::{Context, Poll};

use actix_web::{Error, HttpRequest};

use crate::broadcast::Subscription;
use crate::log::Position;
use crate::route::{Call, Callable, Incoming, opened};

/// What the `live` route of a loader of `T` returns: a `Subscription<T>`, plain or in a `Result`. `Kind`
/// is always inferred.
#[diagnostic::on_unimplemented(
    message = "a loader cannot go on live over a route that returns `{Self}`",
    label = "the `live` route has no position",
    note = "the `live` route returns `Subscription<T>` or `Result<Subscription<T>, E>`, where `T` is what the loader returns: a plain stream has no position to go on from"
)]
pub trait Live<Kind, T> {
    /// Waits until it is known where its set stands.
    fn poll_opened(&mut self, cx: &mut Context<'_>) -> Poll<()>;

    /// Where its set stood when it subscribed.
    ///
    /// # Errors
    /// The live route's own refusal.
    fn position(self) -> Result<Position, Error>;
}

/// Markers for [`Live`]'s `Kind`, never made.
pub mod kind {
    use std::marker::PhantomData;

    #[derive(Debug)]
    pub struct Subscribed;
    #[derive(Debug)]
    pub struct Fallible<K>(PhantomData<K>);
    #[derive(Debug)]
    pub struct Missing;
}

impl<M: SameMessage<T> + 'static, T> Live<kind::Subscribed, T> for Subscription<M> {
    fn poll_opened(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        Subscription::poll_opened(self, cx)
    }

    fn position(self) -> Result<Position, Error> {
        Ok(self.head())
    }
}

impl<R: Live<K, T>, E: Into<Error>, K, T> Live<kind::Fallible<K>, T> for Result<R, E> {
    fn poll_opened(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        self.as_mut().map_or(Poll::Ready(()), |live| live.poll_opened(cx))
    }

    fn position(self) -> Result<Position, Error> {
        self.map_err(Into::into)?.position()
    }
}

/// One type, by two names: a bound that tells of both where they differ.
#[diagnostic::on_unimplemented(
    message = "the live route sends `{Self}`, the loader gives `{T}`",
    label = "the `live` route has another message",
    note = "a page that starts from a loader's data goes on with messages of the same type"
)]
pub trait SameMessage<T> {}

impl<T> SameMessage<T> for T {}

/// What happens before a loader loads.
pub struct Before(Box<Subscribing>);

/// Says where the live route's set stood.
type Subscribing = dyn FnOnce(&HttpRequest) -> Call<Option<Position>>;

/// Subscribes through the live route, its extractors and refusals included, and says where its set
/// stood. The subscription is dropped without having counted as a client: what keeps the gap closed
/// is that the set's log goes on from this position.
pub fn live<T, R, K>(call: Callable<R>) -> Before
where
    R: Live<K, T> + 'static,
{
    Before(Box::new(move |req| {
        let call = call(Incoming::bodyless(req));
        Call::new(async {
            let mut live = call.await?;
            opened(|cx| live.poll_opened(cx)).await?;
            live.position().map(Some)
        })
    }))
}

/// A loader without a live route.
pub fn not_live() -> Before {
    Before(Box::new(|_| Call::new(async { Ok(None) })))
}

impl Before {
    /// The position, where there is a live route.
    pub(super) fn position(self, req: &HttpRequest) -> Call<Option<Position>> {
        (self.0)(req)
    }
}
