//! Arguments that would read a body: a request by `GET` has none.

use actix_web::web::{self, Bytes, BytesMut, Form, Json, Payload};

use crate::websocket::ArgumentOf;

/// Holds for nothing. The lifetime is there so that rustc asks where a route is, and not here already.
#[diagnostic::on_unimplemented(
    message = "a route is asked by `GET`, which has no body for `{Self}` to read",
    label = "this reads the body",
    note = "take what a client says by the path, by `Query<T>` or over a `#[websocket]`; for a body write a handler of actix-web, `web::post().to(..)`"
)]
pub trait WithoutBody<'a> {}

macro_rules! bodies {
    ($($body:ty $(, $generic:ident)?;)*) => { $(
        impl$(<$generic>)? ArgumentOf<$body> {
            /// Compiles nowhere.
            pub fn anywhere<'a>()
            where
                $body: WithoutBody<'a>,
            {
            }

            /// Compiles nowhere.
            pub fn in_open<'a>()
            where
                $body: WithoutBody<'a>,
            {
            }

            /// Compiles nowhere.
            pub fn in_handshake<'a>()
            where
                $body: WithoutBody<'a>,
            {
            }
        }
    )* };
}

bodies! {
    Json<T>, T;
    Form<T>, T;
    web::Either<Json<T>, Form<T>>, T;
    Bytes;
    BytesMut;
    Payload;
    String;
}
