//! The errors that a route's function may return.

use actix_web::Error;

/// An error that can answer a request: a trait of our own, so that one which cannot is told in the
/// words of this crate.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot answer a request",
    label = "this error is no HTTP answer",
    note = "implement `actix_web::ResponseError` for an error of your own; of any other one, such as a text, a boxed error or one of another crate, make an `actix_web::Error`: `.map_err(actix_web::error::ErrorInternalServerError)?`"
)]
pub trait Refusal: Into<Error> {}

#[diagnostic::do_not_recommend]
impl<E: Into<Error>> Refusal for E {}

/// How an error answers. Generated code names its type where it is spelled, so that rustc underlines one
/// that cannot.
pub const fn refusal<E: Refusal>() -> fn(E) -> Error {
    E::into
}
