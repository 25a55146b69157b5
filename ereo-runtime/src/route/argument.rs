//! The arguments of an annotated function: path parameters and extractors.
//!
//! Both go through a trait of our own, so that a type that fits neither is told in the words of
//! this crate, at the argument's type.

use std::any::type_name;

use actix_router::Path;
use actix_web::dev::Payload;
use actix_web::error::ErrorNotFound;
use actix_web::http::StatusCode;
use actix_web::{Error, FromRequest, HttpRequest};
use futures_util::future::LocalBoxFuture;
use serde::de::DeserializeOwned;

/// A type that a path segment can become.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be read from a path segment",
    label = "this path parameter's type is not `Deserialize`",
    note = "a parameter is a `String`, a number, a `bool`, a `char`, a unit enum or a newtype of one: `#[derive(Deserialize)] struct RoomId(String);`; it is the argument itself, without actix's `Path<T>` around it"
)]
pub trait Parameter: Sized {
    /// Deserializes the segment `text` of the parameter `name`, percent-decoding it.
    ///
    /// # Errors
    /// 404 when the segment is none of this type, as actix's own `Path` answers.
    fn from_segment(name: &'static str, text: &str) -> Result<Self, Error>;
}

#[diagnostic::do_not_recommend]
impl<T: DeserializeOwned> Parameter for T {
    fn from_segment(name: &'static str, text: &str) -> Result<Self, Error> {
        // A path of this one segment, so that actix's own rules decode and deserialize it.
        let mut path = Path::new("");
        path.add_static(name, text.to_owned());
        path.load().map_err(ErrorNotFound)
    }
}

/// A type that actix makes from a request.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is neither a path parameter nor an extractor",
    label = "cannot be made from a request",
    note = "an argument named like a `{{parameter}}` of the path is that parameter; every other one is an extractor (`actix_web::FromRequest`), such as `Data<T>`, `Query<T>`, `HttpRequest`, `LastEventId` or `Option<E>` of one"
)]
pub trait Extractor: Sized + 'static {
    /// Makes it.
    fn extract(req: &HttpRequest, payload: &mut Payload) -> Argument<Self>;
}

#[diagnostic::do_not_recommend]
impl<T: FromRequest + 'static> Extractor for T {
    fn extract(req: &HttpRequest, payload: &mut Payload) -> Argument<Self> {
        let (extracting, req) = (T::from_request(req, payload), req.clone());
        Argument::Pending(Box::pin(async move {
            extracting.await.map_err(|error| {
                let error = error.into();
                tell_of_missing_data::<T>(&req, &error);
                error
            })
        }))
    }
}

/// An extractor of what it holds: `Query<T>`, `Path<T>`, `Json<T>` and `Form<T>`, which the macros know by name.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be taken from a request: what it holds does not deserialize",
    label = "this is not `Deserialize`",
    note = "derive it for a type of your own, `#[derive(Deserialize)]`; for a type of another crate, take one of your own that is made into it"
)]
pub trait HoldingExtractor: Extractor {}

#[diagnostic::do_not_recommend]
impl<T: FromRequest + 'static> HoldingExtractor for T {}

/// How `type_name` spells actix's extractors of what an `App` was given.
const DATA: [&str; 2] = ["actix_web::data::Data<", "actix_web::thin_data::ThinData<"];

/// actix answers 500 where an `App` was not given what a route takes, and says which type that is at `debug`
/// only. It is a mistake in the program.
fn tell_of_missing_data<T>(req: &HttpRequest, error: &Error) {
    let argument = type_name::<T>();
    // It may stand in a tuple.
    let Some(data) = DATA.into_iter().find(|data| argument.contains(data)) else { return };
    if error.as_response_error().status_code() != StatusCode::INTERNAL_SERVER_ERROR {
        return;
    }
    let held = argument.strip_prefix(data).and_then(|held| held.strip_suffix('>'));
    let (data, route) = (held.unwrap_or(argument), req.match_pattern().unwrap_or_default());
    tracing::error!(
        data,
        route,
        "the `App` was not given what this route takes: add `.app_data(Data::new(..))` with a value of this type"
    );
}

/// An argument on its way to the function.
pub enum Argument<T> {
    /// A path parameter is known at once.
    Known(Result<T, Error>),
    /// An extractor may have to wait.
    Pending(LocalBoxFuture<'static, Result<T, Error>>),
}

impl<T> Argument<T> {
    pub(super) async fn take(self) -> Result<T, Error> {
        match self {
            Self::Known(value) => value,
            Self::Pending(extracting) => extracting.await,
        }
    }
}
