//! From a loader's result to the HTTP response.

use std::future::Future;

use actix_web::HttpMessage as _;
use actix_web::error::ErrorInternalServerError;
use actix_web::http::header;
use actix_web::{Error, HttpRequest, HttpResponse};
use serde::Serialize;

use super::LoaderData;
use crate::broadcast::Position;
use crate::route::Refusal;

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
    label = "expected `Result<T, E>` or an alias of it"
)]
pub trait Fallible {
    /// What a success holds.
    type Data;
}

impl<T, E> Fallible for Result<T, E> {
    type Data = T;
}

/// A type that a loader can give.
#[diagnostic::on_unimplemented(
    message = "a loader cannot give `{Self}`: it does not serialize",
    label = "expected a type that serializes, or a `Result` of one",
    note = "derive `serde::Serialize` for it"
)]
pub trait Loadable: Serialize {}

#[diagnostic::do_not_recommend]
impl<T: Serialize> Loadable for T {}

/// Loads, with the position that was taken before.
///
/// # Errors
/// The extractors' refusals; 500 when the value cannot be serialized.
pub async fn load<T: Loadable>(
    call: impl Future<Output = Result<T, Error>>,
    position: Option<Position>,
) -> Result<LoaderData<T>, Error> {
    LoaderData::new(call.await?, position).map_err(|error| {
        tracing::error!(%error, "a loader's value could not be serialized");
        ErrorInternalServerError("the loader's value could not be serialized")
    })
}

/// The same for a function that may fail.
///
/// # Errors
/// Also the function's own.
pub async fn load_fallible<T: Loadable, E: Refusal>(
    call: impl Future<Output = Result<Result<T, E>, Error>>,
    position: Option<Position>,
) -> Result<LoaderData<T>, Error> {
    load(async { call.await?.map_err(Into::into) }, position).await
}

/// Answers a `#[loader]` route: JSON, the position as `last-event-id`, and an `ETag` of the JSON.
pub fn serve_loader<T>(
    data: LoaderData<T>,
    req: &HttpRequest,
    options: LoaderOptions,
) -> HttpResponse {
    let tag = header::EntityTag::new_strong(fingerprint(data.json()));
    let unchanged = match req.get_header::<header::IfNoneMatch>() {
        Some(header::IfNoneMatch::Any) => true,
        Some(header::IfNoneMatch::Items(tags)) => tags.iter().any(|known| known.weak_eq(&tag)),
        None => false,
    };
    let mut answer = if unchanged { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    let cache = match options.cache {
        Some(milliseconds) => format!("private, max-age={}", milliseconds / 1000),
        None => "no-cache".to_owned(),
    };
    answer.insert_header(header::ETag(tag)).insert_header((header::CACHE_CONTROL, cache));
    if let Some(position) = data.position() {
        answer.insert_header(("last-event-id", position.to_string()));
    }
    if unchanged {
        return answer.finish();
    }
    answer.content_type("application/json").body(data.json().to_owned())
}

/// A short name of a text, the same in every run of one build.
fn fingerprint(text: &str) -> String {
    use std::hash::{DefaultHasher, Hash, Hasher};
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    format!("{:016x}", hasher.finish())
}

/// The value's type, for `RouteInfo`.
pub fn loader_message<T>() -> &'static str {
    std::any::type_name::<T>()
}
