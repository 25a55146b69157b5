//! An `#[sse]` function as its expansion holds it.

use std::future::Future;

use actix_web::dev::Payload;
use actix_web::{Error, HttpRequest};

use super::into_sse::IntoSse;
use super::response::{SseOptions, serve_sse};
use crate::route::{Handled, Refusal};

/// An `#[sse]` route's function, known to return what such a route can.
#[derive(Debug)]
pub struct SseHandler<F> {
    call: F,
    message: &'static str,
    serve: fn(F, HttpRequest, Payload, SseOptions) -> Handled,
}

/// Takes the generated `__call`.
///
/// An expansion uses the type that the function returns twice. Both uses begin with this call, and
/// only it has bounds: a type that does not fit is then twice the same error, which rustc shows once.
pub fn sse<F, C, R, K>(call: F) -> SseHandler<F>
where
    F: Fn(HttpRequest, Payload) -> C + 'static,
    C: Future<Output = Result<R, Error>> + 'static,
    R: IntoSse<K> + 'static,
    R::Error: Refusal,
    K: 'static,
{
    SseHandler {
        call,
        message: std::any::type_name::<R::Message>(),
        serve: |call, req, payload, options| {
            Box::pin(serve_sse(call(req.clone(), payload), req, options))
        },
    }
}

impl<F> SseHandler<F> {
    /// The message's type, for `RouteInfo`.
    pub fn message(&self) -> &'static str {
        self.message
    }

    /// Answers a request.
    pub fn serve(self, req: HttpRequest, payload: Payload, options: SseOptions) -> Handled {
        (self.serve)(self.call, req, payload, options)
    }
}
