//! The arguments of an annotated function: path parameters and extractors.
//!
//! Both go through a trait of our own, so that a type that fits neither is told in the words of
//! this crate, at the argument's type.

use actix_router::Path;
use actix_web::dev::Payload;
use actix_web::error::ErrorNotFound;
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
        let extracting = T::from_request(req, payload);
        Argument::Pending(Box::pin(async move { extracting.await.map_err(Into::into) }))
    }
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
