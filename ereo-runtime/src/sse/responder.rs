//! A [`Subscription`] as what an ordinary handler of actix-web's returns.

use actix_web::body::BoxBody;
use actix_web::{Error, HttpRequest, HttpResponse, Responder};

use super::finished::has_ended;
use super::into_sse::IntoSse as _;
use super::response::{SseOptions, respond};
use crate::broadcast::Subscription;
use crate::message::Message;
use crate::server::{ConnectionKind, admit};

/// The stream of an `#[sse]` route without keys, for a handler that chooses between a stream and something
/// else, or is not registered by an attribute. Limits, drain, positions and the end for good are as there.
///
/// ```
/// use actix_web::web::{self, Data, Json};
/// use actix_web::{App, Either, HttpResponse};
/// use ereo_runtime::prelude::*;
///
/// async fn answer(
///     question: Json<String>,
///     set: Data<ClientSet<String>>,
///     last: LastEventId,
/// ) -> Either<Subscription<String>, HttpResponse> {
///     match question.len() {
///         0 => Either::Right(HttpResponse::BadRequest().finish()),
///         _ => Either::Left(set.subscribe(last)),
///     }
/// }
///
/// let set = Data::new(ClientSet::<String>::new());
/// App::new().app_data(set).route("/answers", web::post().to(answer));
/// ```
impl<T: Message + 'static> Responder for Subscription<T> {
    type Body = BoxBody;

    fn respond_to(self, req: &HttpRequest) -> HttpResponse {
        answer(self, req).unwrap_or_else(HttpResponse::from_error)
    }
}

fn answer<T: Message + 'static>(
    subscription: Subscription<T>,
    req: &HttpRequest,
) -> Result<HttpResponse, Error> {
    if has_ended(req) {
        return Ok(HttpResponse::NoContent().finish());
    }
    let stream = admit(req, ConnectionKind::Sse)?;
    let blocks = subscription.into_blocks().unwrap_or_else(|never| match never {});
    let tab = stream.tab();
    respond(req, blocks, SseOptions::DEFAULT, stream, tab)
}
