//! [`Routes`] as an actix service.

use std::collections::BTreeMap;
use std::future::{Future, ready};

use actix_service::boxed::BoxService;
use actix_service::fn_factory;
use actix_web::dev::{
    AppService, HttpServiceFactory, ResourceDef, ServiceRequest, ServiceResponse,
};
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::{Error, HttpRequest, HttpResponse, Resource, web};

use super::entry::RouteEntry;
use super::mounts;
use super::pattern::{most_specific_first, shape};
use super::routes::{Routes, info};
use crate::refused_start;
use crate::worker::Executors;

impl HttpServiceFactory for Routes {
    fn register(self, config: &mut AppService) {
        if let Err(twice) = mounts::note(&self, config) {
            tracing::error!(%twice, "the server does not start");
            return refuse_start(config, twice);
        }
        let mut paths: BTreeMap<String, Vec<&'static RouteEntry>> = BTreeMap::new();
        for entry in self.entries.iter().copied() {
            paths.entry(shape(entry.pattern)).or_default().push(entry);
        }
        let mut paths: Vec<_> = paths.into_values().collect();
        paths.sort_by(|a, b| most_specific_first(a[0].pattern, b[0].pattern));
        // This is a worker's own thread.
        let executors = Executors::default();
        for entries in paths {
            resource(&entries, &self.prefix).app_data(executors.clone()).register(config);
        }
    }
}

/// A service that cannot be made, and so neither can the application: actix has no other way to refuse.
fn refuse_start(config: &mut AppService, twice: mounts::ServedTwice) {
    refused_start::because(twice);
    let never = fn_factory(|| ready(Err::<Never, ()>(())));
    config.register_service(ResourceDef::new("/"), None, never, None);
}

type Never = BoxService<ServiceRequest, ServiceResponse, Error>;

/// All methods of one path in one resource, so that another method is 405 and not 404.
fn resource(entries: &[&'static RouteEntry], prefix: &str) -> Resource {
    let allowed =
        entries.iter().map(|entry| entry.endpoint.method()).collect::<Vec<_>>().join(", ");
    let mut resource = web::resource(format!("{prefix}{}", entries[0].pattern));
    for (at, entry) in entries.iter().copied().enumerate() {
        let (endpoint, method) = (entry.endpoint, entry.endpoint.method());
        if let Some(first) = entries[..at].iter().find(|first| first.endpoint.method() == method) {
            // `routes()` has refused this within a group; here two groups are served in one place.
            tracing::error!(
                first = %info(first, prefix), second = %info(entry, prefix),
                "two groups have the same route; serve them under different prefixes: the second is not served"
            );
            continue;
        }
        let Ok(method) = Method::from_bytes(method.as_bytes()) else { continue };
        resource = resource.route(web::method(method).to(
            move |req: HttpRequest, payload: web::Payload| {
                answer(endpoint.serve(req, payload.into_inner()))
            },
        ));
    }
    resource.default_service(web::to(move || {
        let refused = HttpResponse::MethodNotAllowed()
            .insert_header((header::ALLOW, allowed.clone()))
            .finish();
        answer(async { Ok(refused) })
    }))
}

/// The headers that the browser module reads.
const READ: [HeaderName; 2] = [HeaderName::from_static("last-event-id"), header::RETRY_AFTER];

/// The answer, an error's as well, with the headers that every answer of a route has.
async fn answer(handled: impl Future<Output = Result<HttpResponse, Error>>) -> HttpResponse {
    let mut response = handled.await.unwrap_or_else(HttpResponse::from_error);
    if response.status() != StatusCode::SWITCHING_PROTOCOLS {
        complete(response.headers_mut());
    }
    response
}

fn complete(headers: &mut HeaderMap) {
    // What is sent is of the type that it says, whatever it looks like (WHATWG Fetch section 3.6).
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    // A page of another origin may read no others (section 3.2.3). Without `access-control-allow-origin`,
    // which is for a middleware to say, it means nothing.
    for read in READ {
        if headers.contains_key(&read) {
            headers.append(header::ACCESS_CONTROL_EXPOSE_HEADERS, read.into());
        }
    }
}
