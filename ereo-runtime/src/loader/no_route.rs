//! What the key `live` means where it names no route: an error in words of our own.
//!
//! A loader's `load` imports what the key names as `__live`, and the block around it all of this module.
//! A function's name is no type, so without a route of that name the type `__live` is the one below; and
//! a type without a `__call` of its own has the one of the trait below.

use actix_web::HttpRequest;

use super::live::{Live, LiveChanges, kind};
use crate::log::LastEventId;
use crate::route::{Call, Callable, Incoming};

/// The type that a route's function would have beside it.
#[allow(non_camel_case_types, reason = "it stands in for a function's name")]
#[derive(Debug)]
pub struct __live {}

/// Every type's, behind what a route's type has itself.
pub trait NoRoute {
    /// No pattern: every other one goes with it, so that nothing is told of parameters as well.
    const ROUTE: &'static str = ANY;

    /// Fits wherever the one of a route does, but for its bound.
    fn __call(_: Incoming) -> Call<Missing>
    where
        Self: IsRoute,
    {
        Call::new(async { unreachable!("what does not compile is not called") })
    }
}

impl<T: ?Sized> NoRoute for T {}

/// See [`NoRoute::ROUTE`].
pub const ANY: &str = "*";

/// What no route returns.
#[derive(Debug)]
pub struct Missing {}

/// Holds for nothing: a route's own `__call` does not ask for it.
#[diagnostic::on_unimplemented(
    message = "`live` names no route",
    label = "expected the function of an `#[sse]` route",
    note = "write `#[sse(\"/path\")]` above that function and let it return a `Subscription` of what the loader gives, or remove `live`"
)]
pub trait IsRoute {}

impl<T> Live<kind::Missing, T> for Missing {
    async fn position(self) -> Result<LastEventId, actix_web::Error> {
        unreachable!("what does not compile is not called")
    }
}

impl LiveChanges<kind::Missing> for Missing {
    fn stood_at(_: Callable<Self>, _: &HttpRequest) -> Call<LastEventId> {
        unreachable!("what does not compile is not called")
    }
}
