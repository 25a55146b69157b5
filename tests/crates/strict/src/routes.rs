//! Streams and loaders of every visibility, with every attribute.

use std::collections::BTreeMap;

use actix_web::HttpRequest;
use actix_web::web::{Data, Query};
use ereo_runtime::{ClientSet, LastEventId, Subscription};
use ereo_runtime::{loader, sse};
use futures_util::stream::{self, Stream};

use crate::messages::{Place, Tagged};

/// All that a stream may be told.
#[sse(
    "/routes/{room}/feed",
    retry = "2s",
    heartbeat = "15s",
    on_lag = "skip-to-oldest",
    group = "strict"
)]
pub async fn feed(
    room: String,
    set: Data<ClientSet<Tagged>>,
    last: LastEventId,
) -> Subscription<Tagged> {
    set.room(room).subscribe(last)
}

/// In a result.
///
/// # Errors
/// None.
#[sse("/routes/result")]
#[allow(clippy::result_large_err, reason = "as routes are")]
pub async fn result(
    set: Data<ClientSet<Tagged>>,
) -> Result<Subscription<Tagged>, actix_web::Error> {
    Ok(set.subscribe(LastEventId::none()))
}

/// A stream.
#[sse("/routes/stream")]
#[must_use = "it is a stream"]
#[inline]
#[doc(hidden)]
pub async fn plain() -> impl Stream<Item = String> {
    stream::empty()
}

/// With as many arguments as there may be.
#[loader("/routes/{a}/{b}/{c}/{d}/{e}/{f}/{g}/{h}", cache = "60s")]
#[allow(
    clippy::too_many_arguments,
    clippy::many_single_char_names,
    reason = "as many as there may be"
)]
pub async fn many(
    a: u8,
    b: u8,
    c: u8,
    d: u8,
    e: u8,
    f: u8,
    g: u8,
    h: u8,
    #[allow(unused_variables, reason = "only there")] i: Query<u8>,
) -> u16 {
    [a, b, c, d, e, f, g, h].iter().copied().map(u16::from).sum()
}

/// Data with a result of another name.
pub type Outcome<T> = Result<T, actix_web::Error>;

/// Loaded.
///
/// # Errors
/// None.
#[loader("/routes/{room}/data", live = feed)]
pub async fn data(room: String) -> actix_web::Result<Tagged> {
    drop(room);
    Ok(Tagged::UserLeft)
}

/// Loaded.
#[loader("/routes/request")]
pub(crate) async fn request(request: HttpRequest) -> Place {
    drop(request);
    Place { x: 0, y: 0 }
}

/// A type of types, which is not more complex for what loads it.
///
/// # Errors
/// None.
#[loader("/routes/nested", live = result, changes)]
pub async fn nested() -> actix_web::Result<BTreeMap<String, Vec<Tagged>>> {
    Ok(BTreeMap::new())
}

/// A parameter that is not used.
#[sse("/routes/unused/{room}")]
pub async fn unused(_room: String, set: Data<ClientSet<Place>>) -> Subscription<Place> {
    set.subscribe(LastEventId::none())
}

/// By a macro.
macro_rules! route {
    ($(#[$attribute:meta])* $visibility:vis $name:ident, $path:literal, $parameter:ident: $ty:ty) => {
        $(#[$attribute])*
        #[sse($path)]
        $visibility async fn $name($parameter: $ty, set: Data<ClientSet<Place>>) -> Subscription<Place> {
            assert_eq!($parameter, <$ty>::default());
            set.subscribe(LastEventId::none())
        }
    };
    (fixed $path:literal) => {
        /// With the macro's own names.
        #[loader($path)]
        async fn fixed(room: String, page: Query<u8>) -> String {
            format!("{room} {page:?}")
        }
    };
    (item $item:item) => { $item };
    (tokens $($tokens:tt)*) => { $($tokens)* };
    (signature $path:expr, $argument:pat, $ty:path, $output:ty, $body:block) => {
        /// With every fragment.
        #[loader($path)]
        async fn fragments($argument: $ty) -> $output $body
    };
}

route!(
    /// Public.
    pub public, "/routes/macro/public/{id}", id: u32);
route!(
    /// Of the crate.
    pub(crate) of_crate, "/routes/macro/crate/{name}", name: Box<str>);
route!(
    /// Private.
    private, "/routes/macro/private/{name}", name: String);
route!(fixed "/routes/macro/fixed/{room}");
route!(item
    /// Whole.
    #[loader("/routes/macro/item")]
    async fn item() -> u8 {
        1
    }
);
route!(tokens
    /// Whole.
    #[loader("/routes/macro/tokens")]
    async fn tokens() -> u8 {
        1
    }
);
route!(signature "/routes/macro/fragments", _request, HttpRequest, Result<u8, actix_web::Error>, { Ok(1) });

/// Old.
#[deprecated(note = "use `feed`")]
#[sse("/routes/old/{room}")]
pub async fn old(room: String, set: Data<ClientSet<Place>>) -> Subscription<Place> {
    set.room(room).subscribe(LastEventId::none())
}

/// Old data.
#[loader("/routes/old/{room}/data")]
#[deprecated(since = "1.0.0", note = "use `data`")]
pub async fn old_data(room: String) -> String {
    room
}

/// Old data in a result, of a live route.
///
/// # Errors
/// None.
#[deprecated]
#[loader("/routes/old/{room}/live", live = feed)]
pub async fn old_live(room: String) -> actix_web::Result<Tagged> {
    drop(room);
    Ok(Tagged::UserLeft)
}

/// Within, further within.
#[allow(clippy::redundant_pub_crate, unreachable_pub, reason = "of every visibility")]
pub(crate) mod inner {
    use super::{ClientSet, Data, LastEventId, Place, Subscription, loader, sse};

    /// For the parent.
    #[sse("/routes/inner/super")]
    pub(super) async fn of_super(set: Data<ClientSet<Place>>) -> Subscription<Place> {
        set.subscribe(LastEventId::none())
    }

    /// For a path.
    #[loader("/routes/inner/path", live = of_super)]
    pub(in crate::routes) async fn of_path() -> Result {
        Ok(Place { x: 0, y: 0 })
    }

    /// For the crate, where the module is private.
    #[loader("/routes/inner/crate")]
    pub(crate) async fn of_crate() -> u8 {
        1
    }

    /// For all.
    #[loader("/routes/inner/public")]
    pub async fn public() -> u8 {
        1
    }

    /// An alias without arguments.
    type Result = core::result::Result<Place, actix_web::Error>;
}

/// Not for all.
#[allow(clippy::redundant_pub_crate, reason = "as rustc wants it")]
mod hidden {
    use super::{ClientSet, Data, LastEventId, Place, Subscription, sse};

    /// For the crate, as it says.
    #[sse("/routes/hidden")]
    pub(crate) async fn feed(set: Data<ClientSet<Place>>) -> Subscription<Place> {
        set.subscribe(LastEventId::none())
    }
}

/// Qualified all over.
///
/// # Errors
/// None.
#[ereo_runtime::sse("/routes/qualified")]
pub async fn qualified(
    set: Data<ClientSet<Place>>,
) -> Result<Subscription<Place>, actix_web::Error> {
    Ok(set.subscribe(LastEventId::none()))
}

#[test]
fn all_is_used() {
    let outcome: Outcome<u8> = Ok(1);
    assert!(outcome.is_ok());
    assert_eq!(feed::path("a"), "/routes/a/feed");
    assert_eq!(nested::ROUTE, "/routes/nested");
    assert_eq!(unused::path("a"), "/routes/unused/a");
    assert_eq!(public::path(1_u32), "/routes/macro/public/1");
    assert_eq!(of_crate::path("x"), "/routes/macro/crate/x");
    assert_eq!(private::path("x"), "/routes/macro/private/x");
    assert_eq!(inner::of_super::ROUTE, "/routes/inner/super");
    assert_eq!(
        (inner::of_path::ROUTE, inner::of_crate::ROUTE),
        ("/routes/inner/path", "/routes/inner/crate")
    );
    assert_eq!(inner::public::path(), "/routes/inner/public");
    assert_eq!(hidden::feed::ROUTE, "/routes/hidden");
}
