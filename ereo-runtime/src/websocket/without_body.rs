//! Arguments that would read a body: a request by `GET` has none.

use actix_web::web::{Bytes, Either, Form, Json, Payload};

use super::extract::ArgumentOf;

/// Holds for nothing. The lifetime is there so that rustc asks where a route is, and not here already.
#[diagnostic::on_unimplemented(
    message = "a route is asked by `GET`, which has no body for `{Self}` to read",
    label = "this reads the body",
    note = "take what a client says by the path, by `Query<T>` or over a `#[websocket]`; a stream is asked for with a body by `#[sse(.., method = \"POST\")]`, and in place of a loader with one write a handler of actix-web, `web::post().to(..)`"
)]
pub trait WithoutBody<'a> {}

/// An extractor that reads the body.
pub trait ReadsBody {}

impl<T> ReadsBody for Json<T> {}
impl<T> ReadsBody for Form<T> {}
impl<L, R> ReadsBody for Either<Json<L>, Form<R>> {}
impl ReadsBody for Bytes {}
impl ReadsBody for Payload {}
impl ReadsBody for String {}
impl<R: ReadsBody> ReadsBody for Option<R> {}
impl<R: ReadsBody, E> ReadsBody for Result<R, E> {}

/// What `<ArgumentOf<T>>::..` is where `T` reads the body, however it is spelled.
impl<R: ReadsBody> ArgumentOf<R> {
    /// It reads the body.
    pub const READS_BODY: bool = true;

    /// Compiles nowhere.
    pub fn without_body<'a>()
    where
        R: WithoutBody<'a>,
    {
    }
}

/// The argument at `at` is not one that reads the body once more.
pub const fn assert_only_body(arguments: &[bool], at: usize) {
    assert!(
        !arguments[at] || !reads_body(arguments.split_at(at).0),
        "this argument reads the body as another one does, and a body is read once: keep one; `web::Json<T>` of a struct with all of it holds several values"
    );
}

/// The live route of a loader is asked without a body.
pub const fn assert_no_body(arguments: &[bool]) {
    assert!(
        !reads_body(arguments),
        "the `live` route reads a body, which a loader's request has not: take what a client says by the path or by `Query<T>` there, or leave `live` out and let the stream send the first data itself"
    );
}

const fn reads_body(arguments: &[bool]) -> bool {
    let mut at = 0;
    while at < arguments.len() {
        if arguments[at] {
            return true;
        }
        at += 1;
    }
    false
}

/// Routes that are asked for by `GET`: the route's own constant, of one that is asked for by `POST`, goes first.
pub trait NoBodies {
    /// Whether each argument reads the body.
    const __BODIES: &'static [bool] = &[];
}

impl<T: ?Sized> NoBodies for T {}
