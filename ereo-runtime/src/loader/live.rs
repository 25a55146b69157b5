//! The live route of a loader: its position is taken before the load.

use std::future::Future;

use actix_web::{Error, HttpRequest};

use crate::broadcast::Subscription;
use crate::log::LastEventId;
use crate::route::{Call, Callable, Incoming, opened};
use crate::websocket::forwarded;

/// What the `live` route of a loader of `T` returns: a `Subscription<T>`, plain or in a `Result`. `Kind`
/// is always inferred.
#[diagnostic::on_unimplemented(
    message = "a loader cannot go on live over a route that returns `{Self}`",
    label = "the `live` route has no position",
    note = "the `live` route returns `Subscription<T>` or `Result<Subscription<T>, E>`, where `T` is what the loader returns: a plain stream has no position to go on from. Over a `#[websocket]` function that forwards a subscription write `changes` behind `live`"
)]
pub trait Live<Kind, T> {
    /// Where its sets stood when it subscribed.
    ///
    /// # Errors
    /// The live route's own refusal.
    fn position(self) -> impl Future<Output = Result<LastEventId, Error>>;
}

/// Markers for [`Live`]'s `Kind`, never made.
pub mod kind {
    use std::marker::PhantomData;

    #[derive(Debug)]
    pub struct Subscribed;
    #[derive(Debug)]
    pub struct Fallible<K>(PhantomData<K>);
    #[derive(Debug)]
    pub struct Forwarded;
    #[derive(Debug)]
    pub struct Missing;
}

impl<M: SameMessage<T> + 'static, T> Live<kind::Subscribed, T> for Subscription<M> {
    async fn position(mut self) -> Result<LastEventId, Error> {
        opened(|cx| self.poll_opened(cx)).await?;
        Ok(self.heads())
    }
}

impl<R: Live<K, T>, E: Into<Error>, K, T> Live<kind::Fallible<K>, T> for Result<R, E> {
    async fn position(self) -> Result<LastEventId, Error> {
        self.map_err(Into::into)?.position().await
    }
}

/// One type, by two names: a bound that tells of both where they differ.
#[diagnostic::on_unimplemented(
    message = "the live route sends `{Self}`, the loader gives `{T}`",
    label = "the `live` route has another message",
    note = "a page that starts from a loader's data goes on with messages of the same type; if these are changes to the data, such as one item after a list, write `changes` behind `live`, and give the page's `live(..)` a `reduce`"
)]
pub trait SameMessage<T> {}

impl<T> SameMessage<T> for T {}

/// What the `live` route of a loader with the key `changes` returns: a `Subscription` of any message, plain
/// or in a `Result`, or the future of a `#[websocket]` function. `Kind` is always inferred.
#[diagnostic::on_unimplemented(
    message = "a loader cannot go on live over a route that returns `{Self}`",
    label = "the `live` route has no position",
    note = "the `live` route returns `Subscription<T>` or `Result<Subscription<T>, E>`, where `T` is a change to what the loader returns, or is a `#[websocket]` function that forwards one: a plain stream has no position to go on from"
)]
pub trait LiveChanges<Kind>: Sized {
    /// Where its sets stood when it subscribed, or the live route's own refusal.
    fn stood_at(call: Callable<Self>, req: &HttpRequest) -> Call<LastEventId>;
}

#[diagnostic::do_not_recommend]
impl<M: 'static> LiveChanges<kind::Subscribed> for Subscription<M> {
    fn stood_at(call: Callable<Self>, req: &HttpRequest) -> Call<LastEventId> {
        let call = call(Incoming::bodyless(req));
        Call::new(async { Live::<kind::Subscribed, M>::position(call.await?).await })
    }
}

#[diagnostic::do_not_recommend]
impl<M: 'static, E> LiveChanges<kind::Fallible<kind::Subscribed>> for Result<Subscription<M>, E>
where
    E: Into<Error> + 'static,
{
    fn stood_at(call: Callable<Self>, req: &HttpRequest) -> Call<LastEventId> {
        let call = call(Incoming::bodyless(req));
        Call::new(async {
            let subscription = call.await?.map_err(Into::into)?;
            Live::<kind::Subscribed, M>::position(subscription).await
        })
    }
}

/// The function of a `#[websocket]` route that forwards a subscription.
#[diagnostic::do_not_recommend]
impl<F: Future + 'static> LiveChanges<kind::Forwarded> for F {
    fn stood_at(call: Callable<Self>, req: &HttpRequest) -> Call<LastEventId> {
        forwarded(call, req)
    }
}

/// What happens before a loader loads.
pub struct Before(Box<Subscribing>);

/// Says where the live route's sets stood.
type Subscribing = dyn FnOnce(&HttpRequest) -> Call<LastEventId>;

/// Subscribes through the live route, its extractors and refusals included, and says where its set
/// stood. The subscription is dropped without having counted as a client: what keeps the gap closed
/// is that the set's log goes on from this position.
pub fn live<T, R, K>(call: Callable<R>) -> Before
where
    R: Live<K, T> + 'static,
{
    Before(Box::new(move |req| {
        let call = call(Incoming::bodyless(req));
        Call::new(async { call.await?.position().await })
    }))
}

/// The same for a live route whose messages are changes to what the loader gives.
pub fn live_changes<R, K>(call: Callable<R>) -> Before
where
    R: LiveChanges<K> + 'static,
{
    Before(Box::new(move |req| R::stood_at(call, req)))
}

/// A loader without a live route.
pub fn not_live() -> Before {
    Before(Box::new(|_| Call::new(async { Ok(LastEventId::none()) })))
}

impl Before {
    /// The position, where there is a live route.
    pub(super) fn position(self, req: &HttpRequest) -> Call<LastEventId> {
        (self.0)(req)
    }
}
