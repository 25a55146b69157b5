//! The live route of a loader: its position is taken before the load.

use std::future::Future;

use actix_web::Error;

use crate::broadcast::{Position, Subscription};

/// What the `live` route of a loader returns: a [`Subscription`], plain or in a `Result`. `Kind` is
/// always inferred.
#[diagnostic::on_unimplemented(
    message = "a loader cannot go on live over a route that returns `{Self}`",
    label = "the `live` route has no position",
    note = "the `live` route returns `Subscription<T>` or `Result<Subscription<T>, E>`, where `T` is what the loader returns: a plain stream has no position to go on from"
)]
pub trait Live<Kind> {
    /// What the live route sends.
    type Message;

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
}

impl<T: 'static> Live<kind::Subscribed> for Subscription<T> {
    type Message = T;

    fn position(self) -> Result<Position, Error> {
        Ok(self.head())
    }
}

impl<R: Live<K>, E: Into<Error>, K> Live<kind::Fallible<K>> for Result<R, E> {
    type Message = R::Message;

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

/// Subscribes through the live route, its extractors and refusals included, and says where its set
/// stood. The subscription is dropped without having counted as a client: what keeps the gap closed
/// is that the set's log goes on from this position.
///
/// # Errors
/// The live route's own refusal.
pub async fn live_position<T, R, K>(
    call: impl Future<Output = Result<R, Error>>,
) -> Result<Option<Position>, Error>
where
    R: Live<K>,
    R::Message: SameMessage<T>,
{
    call.await?.position().map(Some)
}

/// A loader and its live route stand on the same path parameters, in any order.
pub const fn assert_same_parameters(loader: &[&str], live: &[&str]) {
    assert!(
        contains_all(loader, live) && contains_all(live, loader),
        "the loader and its `live` route must have the same path parameters"
    );
}

const fn contains_all(all: &[&str], some: &[&str]) -> bool {
    let mut i = 0;
    while i < some.len() {
        let mut j = 0;
        while j < all.len() && !same(all[j], some[i]) {
            j += 1;
        }
        if j == all.len() {
            return false;
        }
        i += 1;
    }
    true
}

/// `==` of texts, which is not `const` yet.
const fn same(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    let mut i = 0;
    while i < a.len() && i < b.len() && a[i] == b[i] {
        i += 1;
    }
    i == a.len() && i == b.len()
}
