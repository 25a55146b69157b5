//! Arguments that would read a body: a request by `GET` has none.

use actix_web::web::{Bytes, Either, Form, Json, Payload};

use super::extract::ArgumentOf;

/// Holds for nothing. The lifetime is there so that rustc asks where a route is, and not here already.
#[diagnostic::on_unimplemented(
    message = "a route is asked by `GET`, which has no body for `{Self}` to read",
    label = "this reads the body",
    note = "take what a client says by the path, by `Query<T>` or over a `#[websocket]`; for a body write a handler of actix-web, `web::post().to(..)`"
)]
pub trait WithoutBody<'a> {}

impl<T> ArgumentOf<Json<T>> {
    /// Compiles nowhere.
    pub fn without_body<'a>()
    where
        Json<T>: WithoutBody<'a>,
    {
    }
}

impl<T> ArgumentOf<Form<T>> {
    /// Compiles nowhere.
    pub fn without_body<'a>()
    where
        Form<T>: WithoutBody<'a>,
    {
    }
}

impl<L, R> ArgumentOf<Either<Json<L>, Form<R>>> {
    /// Compiles nowhere.
    pub fn without_body<'a>()
    where
        Either<Json<L>, Form<R>>: WithoutBody<'a>,
    {
    }
}

impl ArgumentOf<Bytes> {
    /// Compiles nowhere.
    pub fn without_body<'a>()
    where
        Bytes: WithoutBody<'a>,
    {
    }
}

impl ArgumentOf<Payload> {
    /// Compiles nowhere.
    pub fn without_body<'a>()
    where
        Payload: WithoutBody<'a>,
    {
    }
}

impl ArgumentOf<String> {
    /// Compiles nowhere.
    pub fn without_body<'a>()
    where
        String: WithoutBody<'a>,
    {
    }
}
