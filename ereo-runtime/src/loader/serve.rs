//! From a loader's result to the HTTP response.

use actix_web::HttpMessage as _;
use actix_web::dev::Payload;
use actix_web::error::ErrorInternalServerError;
use actix_web::http::header;
use actix_web::{Error, HttpRequest, HttpResponse};
use serde::Serialize;

use super::data::LoaderData;
use super::live::Before;
use crate::log::LastEventId;
use crate::route::{Call, Callable, Endpoint, Handled, Incoming, Kind};

/// What the attribute of a `#[loader]` route says.
#[derive(Debug, Clone, Copy)]
pub struct LoaderOptions {
    /// Milliseconds that a client may keep the answer.
    pub cache: Option<u64>,
}

impl LoaderOptions {
    /// Without keys: every answer is fresh.
    pub const DEFAULT: Self = Self { cache: None };
}

/// `Result`, seen from its type alone, also through an alias.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is named like a `Result` but is none",
    label = "expected `Result<T, E>` or an alias of it",
    note = "a loader's `Result` is known by its name: return `Result<T, E>`, or give a type of your own another name"
)]
pub trait Fallible {
    /// What a success holds.
    type Data;

    /// What a failure holds.
    type Error;

    /// The result itself.
    ///
    /// # Errors
    /// What it holds.
    fn into_result(self) -> Result<Self::Data, Self::Error>;
}

impl<T, E> Fallible for Result<T, E> {
    type Data = T;
    type Error = E;

    fn into_result(self) -> Self {
        self
    }
}

/// A type that a loader can give.
#[diagnostic::on_unimplemented(
    message = "a loader cannot give `{Self}`: it does not serialize",
    label = "expected a type that serializes, or a `Result` of one",
    note = "derive `Serialize` for a type of your own, and put what does not serialize into one that writes it otherwise; what goes on sending is a route of `#[sse]`"
)]
pub trait Loadable: Serialize {}

#[diagnostic::do_not_recommend]
impl<T: Serialize> Loadable for T {}

/// Loads what the generated `__call` gives, after what happens before.
///
/// # Errors
/// Those of the live route, the extractors' refusals; 500 when the value cannot be serialized.
pub fn load<T: Loadable + 'static>(
    call: Callable<T>,
    before: Before,
    req: &HttpRequest,
) -> Call<LoaderData<T>> {
    loading(call, Ok, before, req)
}

/// The same for a function that may fail: `outcome` is the [`Fallible::into_result`] of what it returns, and
/// `refuse` how its error answers. Neither is a bound here, so that what does not fit is told once.
///
/// # Errors
/// Also the function's own.
pub fn load_fallible<R: 'static, T: Loadable + 'static, E: 'static>(
    call: Callable<R>,
    outcome: fn(R) -> Result<T, E>,
    refuse: fn(E) -> Error,
    before: Before,
    req: &HttpRequest,
) -> Call<LoaderData<T>> {
    loading(call, move |result| outcome(result).map_err(refuse), before, req)
}

fn loading<T: Loadable + 'static, R: 'static>(
    call: Callable<R>,
    value: impl FnOnce(R) -> Result<T, Error> + 'static,
    before: Before,
    req: &HttpRequest,
) -> Call<LoaderData<T>> {
    let req = req.clone();
    Call::new(async move {
        // What is broadcast from here on comes again by the live route, and is not lost.
        let last = before.position(&req).await?;
        let value = value(call(Incoming::bodyless(&req)).await?)?;
        LoaderData::new(value, last).map_err(|error| {
            tracing::error!(%error, "a loader's value could not be serialized");
            ErrorInternalServerError("the loader's value could not be serialized")
        })
    })
}

/// A `#[loader]` route as its expansion registers it.
pub struct LoaderEndpoint<T> {
    load: fn(&HttpRequest) -> Call<LoaderData<T>>,
    options: LoaderOptions,
}

/// Takes the generated `load`.
pub const fn loader<T>(
    load: fn(&HttpRequest) -> Call<LoaderData<T>>,
    options: LoaderOptions,
) -> LoaderEndpoint<T> {
    LoaderEndpoint { load, options }
}

impl<T: 'static> Endpoint for LoaderEndpoint<T> {
    fn kind(&self) -> Kind {
        Kind::Loader
    }

    fn message(&self) -> &'static str {
        std::any::type_name::<T>()
    }

    fn serve(&self, req: HttpRequest, _: Payload) -> Handled {
        let (load, options) = (self.load, self.options);
        Call::new(async move {
            let data = load(&req).await?;
            Ok(respond(data.json(), data.last_event_id(), &req, options))
        })
    }
}

/// Answers: JSON, the position as `last-event-id`, and an `ETag` of the JSON.
fn respond(
    json: &str,
    last: LastEventId,
    req: &HttpRequest,
    options: LoaderOptions,
) -> HttpResponse {
    let tag = header::EntityTag::new_strong(fingerprint(json));
    let unchanged = match req.get_header::<header::IfNoneMatch>() {
        Some(header::IfNoneMatch::Any) => true,
        Some(header::IfNoneMatch::Items(tags)) => tags.iter().any(|known| known.weak_eq(&tag)),
        None => false,
    };
    let mut answer = if unchanged { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    let cache = match options.cache {
        Some(milliseconds) => {
            // Of one browser too, another user is asked for anew: whoever it is stands in one of these.
            answer.insert_header((header::VARY, "cookie, authorization"));
            format!("private, max-age={}", milliseconds / 1000)
        }
        None => "no-cache".to_owned(),
    };
    answer.insert_header(header::ETag(tag)).insert_header((header::CACHE_CONTROL, cache));
    if last.position().is_some() {
        answer.insert_header(("last-event-id", last.to_string()));
    }
    if unchanged {
        return answer.finish();
    }
    answer.content_type("application/json").body(json.to_owned())
}

/// A short name of a text, the same in every run of one build.
fn fingerprint(text: &str) -> String {
    use std::hash::{DefaultHasher, Hash, Hasher};
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    format!("{:016x}", hasher.finish())
}
