//! The browser module, served by the runtime: [`browser_client`].

use actix_web::http::header;
use actix_web::{HttpResponse, Resource, web};

const SCRIPT: &str = include_str!("../client/ereo.js");
const TYPES: &str = include_str!("../client/ereo.d.ts");

/// Serves the browser module (`events`, `live`, `socket`) at `path`:
/// `.service(browser_client("/ereo.js"))`. It is one dependency-free ES module.
///
/// It adds parameters to the queries of its streams and sockets: `ereoHeartbeat=1`, which asks for heartbeats
/// that a page can see, and `lastEventID=`. So a route's `Query<T>` must not deny unknown fields.
pub fn browser_client(path: &str) -> Resource {
    web::resource(path).route(web::get().to(|| async {
        HttpResponse::Ok()
            .content_type("text/javascript; charset=utf-8")
            // The module must fit the server that serves it: asked for again, answered by actix.
            .insert_header((header::CACHE_CONTROL, "no-cache"))
            .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
            .body(SCRIPT)
    }))
}

/// TypeScript declarations of the browser module, to be written beside a front end's sources.
pub const fn browser_client_types() -> &'static str {
    TYPES
}
