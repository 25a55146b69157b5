//! The route that tells a balancer whether to send clients here.

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse};

use super::lifeline::Lifeline;
use crate::broadcast::stores_are_ready;

/// Answers 200 while clients are served well here, and 503 with `Retry-After` while they are not: the server drains,
/// or the store of a set has been down for ten seconds ([`Health`](crate::Health)).
///
/// For a balancer, which then sends clients elsewhere; those that are here stay, and are served. It is no matter of
/// life: a supervisor that restarts the process for it makes nothing better.
///
/// ```
/// use actix_web::{App, web};
///
/// let app = App::new().route("/ready", web::get().to(ereo_runtime::ready));
/// # drop(app);
/// ```
pub async fn ready(req: HttpRequest) -> HttpResponse {
    let is_draining = Lifeline::of(&req).is_some_and(|lifeline| lifeline.draining.is_cancelled());
    let why = if is_draining {
        "the server drains"
    } else if stores_are_ready() {
        return HttpResponse::Ok().content_type("text/plain; charset=utf-8").body("ready");
    } else {
        "a store is down"
    };
    HttpResponse::ServiceUnavailable()
        .insert_header((header::RETRY_AFTER, "10"))
        .content_type("text/plain; charset=utf-8")
        .body(why)
}
