//! The page, its files, its loader and its stream.

use actix_web::dev::{AppService, HttpServiceFactory as _};
use actix_web::http::header;
use actix_web::web::{self, Data, Query};
use actix_web::{Error, HttpRequest, HttpResponse, Resource, error};
use serde::{Deserialize, Serialize};

use super::Inspector;
use super::guard::Refused;
use super::rows::{Sample, Snapshot};
use super::state::State;
use crate::broadcast::Subscription;
use crate::browser::browser_client_script;
use crate::loader::{self, LoaderData, LoaderEndpoint, LoaderOptions, live_changes};
use crate::log::LastEventId;
use crate::route::callers::{call_1, call_2};
use crate::route::{Call, Endpoint, Incoming, Served};
use crate::server::Unlisted;
use crate::sse::{SseEndpoint, SseOptions, sse};
use crate::worker::Executors;

const PAGE: &str = include_str!("../../inspector/page.html");
const STYLE: &str = include_str!("../../inspector/inspector.css");
const SCRIPT: &str = include_str!("../../inspector/inspector.js");

/// Nothing but the page's own files, and no frame around it, in which somebody else's page would have it clicked.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; \
    img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// What the page's handlers have.
struct Mounted {
    inspector: Inspector,
    served: Served,
}

type Here = Data<Mounted>;

pub(super) fn register(inspector: Inspector, config: &mut AppService) {
    inspector.rule.tell(&inspector.path);
    let path = inspector.path.clone();
    let here = Data::new(Mounted { inspector, served: Served::by(config) });
    // This is a worker's own thread.
    let executors = Executors::default();
    let mut serve = |tail: &str, with: fn(Resource) -> Resource| {
        let resource = web::resource(format!("{path}{tail}"));
        let resource =
            resource.app_data(here.clone()).app_data(Unlisted).app_data(executors.clone());
        with(resource).default_service(web::to(method)).register(config);
    };
    serve("", |resource| resource.route(web::get().to(page)));
    serve("/inspector.css", |resource| resource.route(web::get().to(style)));
    serve("/inspector.js", |resource| resource.route(web::get().to(script)));
    serve("/ereo.js", |resource| resource.route(web::get().to(client)));
    serve("/data", |resource| resource.route(web::get().to(data)));
    serve("/stream", |resource| resource.route(web::get().to(events)));
    #[cfg(feature = "contract")]
    serve("/contract", |resource| resource.route(web::get().to(contract)));
    serve("/find", |resource| resource.route(web::get().to(find)));
    serve("/end", |resource| resource.route(web::post().to(end)));
}

impl Mounted {
    /// # Errors
    /// The answer for who may not.
    fn admits(&self, req: &HttpRequest) -> Result<(), Error> {
        self.inspector.rule.admits(req).map_err(|refused| {
            tracing::debug!(path = self.inspector.path, peer = ?req.peer_addr(), ?refused, "the inspector does not answer");
            match refused {
                // As where there is nothing.
                Refused::Hidden(_) => error::InternalError::from_response("not found", HttpResponse::NotFound().finish()).into(),
                Refused::Foreign => error::ErrorForbidden("an `Origin` of this server's own host is needed"),
            }
        })
    }

    /// # Errors
    /// Also 500 where the server counts nothing.
    fn state(&self, req: &HttpRequest) -> Result<std::sync::Arc<State>, Error> {
        self.admits(req)?;
        State::of(req).ok_or_else(|| {
            error::ErrorInternalServerError(
                "the inspector sees servers that are `.realtime(..)`, and this one is not",
            )
        })
    }
}

/// Another method than the resource has: who may not know of it is not told either.
async fn method(req: HttpRequest, here: Here) -> Result<HttpResponse, Error> {
    here.admits(&req)?;
    Ok(HttpResponse::MethodNotAllowed().finish())
}

async fn page(req: HttpRequest, here: Here) -> Result<HttpResponse, Error> {
    here.admits(&req)?;
    // Relative to where the page is, which a proxy or a scope may have put elsewhere.
    let own = here.inspector.path.rsplit('/').next().unwrap_or_default();
    Ok(file("text/html; charset=utf-8", PAGE.replace("{{own}}", own)))
}

async fn style(req: HttpRequest, here: Here) -> Result<HttpResponse, Error> {
    here.admits(&req)?;
    Ok(file("text/css; charset=utf-8", STYLE.to_owned()))
}

async fn script(req: HttpRequest, here: Here) -> Result<HttpResponse, Error> {
    here.admits(&req)?;
    Ok(file("text/javascript; charset=utf-8", SCRIPT.to_owned()))
}

async fn client(req: HttpRequest, here: Here) -> Result<HttpResponse, Error> {
    here.admits(&req)?;
    Ok(file("text/javascript; charset=utf-8", browser_client_script().to_owned()))
}

fn file(kind: &'static str, text: String) -> HttpResponse {
    HttpResponse::Ok()
        .content_type(kind)
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .insert_header((header::CONTENT_SECURITY_POLICY, POLICY))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header((header::X_FRAME_OPTIONS, "DENY"))
        .insert_header((header::REFERRER_POLICY, "no-referrer"))
        .body(text)
}

/// What the page begins with.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Beginning {
    samples: Vec<Sample>,
    /// Whether samples of messages are shown.
    payloads: bool,
    /// Whether there is a contract to ask for.
    contract: bool,
    #[serde(serialize_with = "inner")]
    snapshot: std::sync::Arc<Snapshot>,
}

fn inner<S: serde::Serializer>(
    snapshot: &std::sync::Arc<Snapshot>,
    to: S,
) -> Result<S::Ok, S::Error> {
    (**snapshot).serialize(to)
}

async fn first(req: HttpRequest) -> Result<Beginning, Error> {
    let here = here(&req)?;
    let state = here.state(&req)?;
    let payloads = here.inspector.payloads;
    let made = web::block(move || state.fresh(&here.served)).await?;
    let (snapshot, samples) = made;
    let contract = cfg!(feature = "contract");
    Ok(Beginning { samples, payloads, contract, snapshot })
}

async fn snapshots(req: HttpRequest, last: LastEventId) -> Result<Subscription<String>, Error> {
    let here = here(&req)?;
    let state = here.state(&req)?;
    let snapshots = state.snapshots.subscribe(last);
    state.run(&here.served, here.inspector.payloads);
    Ok(snapshots)
}

fn here(req: &HttpRequest) -> Result<Here, Error> {
    req.app_data::<Here>().cloned().ok_or_else(|| error::ErrorInternalServerError("no inspector"))
}

fn snapshots_call(mut incoming: Incoming) -> Call<Result<Subscription<String>, Error>> {
    call_2(snapshots, incoming.extract(), incoming.extract())
}

fn first_call(mut incoming: Incoming) -> Call<Result<Beginning, Error>> {
    call_1(first, incoming.extract())
}

fn load(req: &HttpRequest) -> Call<LoaderData<Beginning>> {
    loader::load_fallible(first_call, |made| made, |error| error, live_changes(snapshots_call), req)
}

static DATA: LoaderEndpoint<Beginning> = loader::loader(load, LoaderOptions::DEFAULT);
static STREAM: SseEndpoint<Result<Subscription<String>, Error>, Error> =
    sse(snapshots_call, SseOptions::DEFAULT);

async fn data(req: HttpRequest, here: Here) -> Result<HttpResponse, Error> {
    here.state(&req)?;
    DATA.serve(req, actix_web::dev::Payload::None).await
}

async fn events(req: HttpRequest, here: Here) -> Result<HttpResponse, Error> {
    here.state(&req)?;
    STREAM.serve(req, actix_web::dev::Payload::None).await
}

/// What the routes send and take, in the three ways of the module `contract`.
#[cfg(feature = "contract")]
async fn contract(req: HttpRequest, here: Here) -> Result<HttpResponse, Error> {
    here.admits(&req)?;
    let made = web::block(move || {
        let routes = here.served.routes();
        let (first, others) = routes.split_first()?;
        let contract =
            others.iter().fold(first.contract(), |contract, routes| contract.and(routes));
        let info = crate::contract::Info::new("Routes", "1");
        Some(serde_json::json!({
            "typescript": contract.typescript(),
            "asyncapi": contract.asyncapi(&info),
            "openapi": contract.openapi(&info),
        }))
    });
    let made = made.await?.unwrap_or_default();
    Ok(HttpResponse::Ok().insert_header((header::CACHE_CONTROL, "no-store")).json(made))
}

#[derive(Deserialize)]
struct Find {
    #[serde(default)]
    text: String,
}

async fn find(req: HttpRequest, here: Here) -> Result<HttpResponse, Error> {
    let (state, Find { text }) = (here.state(&req)?, query(&req)?);
    let found = web::block(move || state.find(&text)).await?;
    Ok(HttpResponse::Ok().insert_header((header::CACHE_CONTROL, "no-store")).json(found))
}

#[derive(Deserialize)]
struct End {
    id: u64,
}

async fn end(req: HttpRequest, here: Here) -> Result<HttpResponse, Error> {
    let (state, End { id }) = (here.state(&req)?, query(&req)?);
    let ended = web::block(move || state.end(id)).await?;
    tracing::info!(connection = id, ended, "the inspector was asked to end a connection");
    Ok(if ended {
        HttpResponse::NoContent().finish()
    } else {
        HttpResponse::NotFound().body("there is no such connection")
    })
}

/// Read behind the guard: an extractor would answer who may not ask.
fn query<T: serde::de::DeserializeOwned>(req: &HttpRequest) -> Result<T, Error> {
    Ok(Query::<T>::from_query(req.query_string())?.into_inner())
}
