//! [`routes()`]: everything that is linked in, checked once, and chosen from.

use std::collections::BTreeMap;
use std::fmt;
use std::panic::Location;
use std::sync::Arc;

use super::entry::{RouteEntry, RouteInfo};
use super::mounts::{Chosen, Mounts};
use super::pattern::shape;

/// All routes that are linked into the program.
///
/// A library crate that no line of the program names is dropped by the linker, routes and all:
/// `use my_feature as _;` keeps it, and [`Routes::expect`] makes the loss an error.
///
/// # Errors
/// When two routes have the same method, group and path; the error names both `file:line`s.
///
/// ```no_run
/// use actix_web::{App, HttpServer};
/// use ereo_runtime::routes;
///
/// # async fn run() -> Result<(), Box<dyn std::error::Error>> {
/// // Clashes are an error at start, which names both places.
/// let routes = routes()?;
/// HttpServer::new(move || App::new().service(routes.clone())).bind("127.0.0.1:8080")?.run().await?;
/// # Ok(())
/// # }
/// ```
#[track_caller]
pub fn routes() -> Result<Routes, RoutesError> {
    let mut entries: Vec<&'static RouteEntry> = inventory::iter::<RouteEntry>().collect();
    // The inventory's order is the linker's; the error should not be.
    entries.sort_by_key(|entry| (entry.file, entry.line, entry.handler));
    let mut seen: BTreeMap<_, &RouteEntry> = BTreeMap::new();
    let mut clashes = Vec::new();
    for entry in entries.iter().copied() {
        let key = (entry.endpoint.method(), entry.group, shape(entry.pattern));
        match seen.get(&key) {
            Some(first) => clashes.push(Clash { first: info(first, ""), second: info(entry, "") }),
            None => {
                seen.insert(key, entry);
            }
        }
    }
    if clashes.is_empty() {
        let chosen = Chosen::Among(Location::caller());
        let mounts = Mounts::default();
        Ok(Routes { entries: entries.into(), prefix: String::new(), chosen, mounts })
    } else {
        Err(RoutesError(Problem::Clashes(clashes)))
    }
}

/// Routes to serve: an actix service, cheap to clone.
///
/// A request for a route's path with another method is answered with 405, and `Allow`. A service of
/// your own for such a path, say a `POST` beside an `#[sse]` route, goes before the routes: actix
/// asks services in the order of `App::service`.
///
/// ```no_run
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use actix_web::App;
/// let routes = ereo_runtime::routes()?;
/// let app = move || App::new().service(routes.clone());
/// # let _ = app; Ok(()) }
/// ```
///
/// # Middleware and guards
/// A group is what a middleware or a guard stands before: serve it in a scope of its own, and all others
/// by [`ungrouped`](Self::ungrouped). With a path, `web::scope("/admin")`, the scope is also part of the
/// routes' paths; without one it takes every request that comes as far, so it goes last.
///
/// ```
/// use actix_web::body::MessageBody;
/// use actix_web::dev::{ServiceRequest, ServiceResponse};
/// use actix_web::middleware::{Next, from_fn};
/// use actix_web::{App, Error, HttpResponse, error, guard, web};
/// use ereo_runtime::prelude::*;
///
/// #[loader("/health")]
/// async fn health() -> &'static str {
///     "ready"
/// }
///
/// #[loader("/orders", group = "admin")]
/// async fn orders() -> Vec<u32> {
///     vec![7]
/// }
///
/// async fn administrators(
///     request: ServiceRequest,
///     next: Next<impl MessageBody>,
/// ) -> Result<ServiceResponse<impl MessageBody>, Error> {
///     match request.headers().get("x-role") {
///         Some(role) if role == "admin" => next.call(request).await,
///         _ => Err(error::ErrorForbidden("for administrators")),
///     }
/// }
///
/// # #[actix_web::main]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let routes = ereo_runtime::routes()?;
/// let app = App::new()
///     .service(
///         web::scope("/admin")
///             .guard(guard::Host("intranet.example"))
///             .wrap(from_fn(administrators))
///             .service(routes.clone().group("admin")),
///     )
///     .service(routes.ungrouped());
/// # use actix_web::test::{TestRequest, call_service, init_service, try_call_service};
/// # let app = init_service(app).await;
/// # let ask = |path: &str| TestRequest::get().uri(path).insert_header(("host", "intranet.example"));
/// # assert_eq!(call_service(&app, ask("/health").to_request()).await.status(), 200);
/// # assert_eq!(call_service(&app, ask("/orders").to_request()).await.status(), 404);
/// # let refused = try_call_service(&app, ask("/admin/orders").to_request()).await;
/// # assert_eq!(refused.unwrap_err().as_response_error().status_code(), 403);
/// # let admin = ask("/admin/orders").insert_header(("x-role", "admin"));
/// # assert_eq!(call_service(&app, admin.to_request()).await.status(), 200);
/// # let elsewhere = TestRequest::get().uri("/admin/orders").insert_header(("host", "app.example"));
/// # assert_eq!(call_service(&app, elsewhere.to_request()).await.status(), 404);
/// # Ok(()) }
/// ```
///
/// A route that is served by its group and a second time among others would be open beside its guard. The
/// server does not start then: awaited, it ends with an error that names the route and both places, those
/// of `.group(..)` and of `routes()`, which is in the log as well. That holds within an application, and
/// from one call of `routes()` in all applications.
///
/// A scope is not seen by [`iter`](Self::iter) and `path()`, which know the attribute's path and, the former,
/// [`prefix`](Self::prefix): `format!("/admin{}", orders::path())`.
#[derive(Debug, Clone)]
#[must_use]
pub struct Routes {
    pub(crate) entries: Arc<[&'static RouteEntry]>,
    pub(crate) prefix: String,
    pub(super) chosen: Chosen,
    pub(super) mounts: Mounts,
}

impl Routes {
    /// Only the routes of one group: those whose attribute says `group = "name"`.
    ///
    /// What is served with its group is not served without: see [Middleware and guards][Self#middleware-and-guards].
    #[track_caller]
    pub fn group(mut self, name: &str) -> Self {
        self.chosen = Chosen::ByGroup(Location::caller());
        self.keep(|entry| entry.group == Some(name))
    }

    /// Only the routes whose attribute names no group: all but what is served by [`group`](Self::group).
    pub fn ungrouped(self) -> Self {
        self.keep(|entry| entry.group.is_none())
    }

    /// Only the routes of one module and the modules in it: `.only(module_path!())`.
    pub fn only(self, module: &str) -> Self {
        self.keep(|entry| {
            entry.handler.strip_prefix(module).is_some_and(|rest| rest.starts_with("::"))
        })
    }

    /// Serves every route below `prefix`, such as `/v2`; prefixes add up, the last one outermost.
    pub fn prefix(mut self, prefix: &str) -> Self {
        let prefix = prefix.trim_matches('/');
        if !prefix.is_empty() {
            self.prefix = format!("/{prefix}{}", self.prefix);
        }
        self
    }

    /// The same routes, if `handler`, such as `my_feature::feed`, is among them.
    ///
    /// # Errors
    /// When it is not: it was left out by a choice, or its crate was dropped by the linker.
    pub fn expect(self, handler: &str) -> Result<Self, RoutesError> {
        if self.entries.iter().any(|entry| entry.handler == handler) {
            return Ok(self);
        }
        let present = self.entries.iter().map(|entry| entry.handler).collect();
        Err(RoutesError(Problem::Missing { handler: handler.to_owned(), present }))
    }

    /// What is served, one after the other. An actix scope around the routes is not part of a path here.
    pub fn iter(&self) -> impl Iterator<Item = RouteInfo> + '_ {
        self.entries.iter().map(|entry| info(entry, &self.prefix))
    }

    fn keep(mut self, wanted: impl Fn(&RouteEntry) -> bool) -> Self {
        self.entries = self.entries.iter().copied().filter(|entry| wanted(entry)).collect();
        self
    }
}

pub(super) fn info(entry: &RouteEntry, prefix: &str) -> RouteInfo {
    RouteInfo {
        kind: entry.endpoint.kind(),
        method: entry.endpoint.method(),
        path: format!("{prefix}{}", entry.pattern),
        handler: entry.handler,
        group: entry.group,
        file: entry.file,
        line: entry.line,
        params: entry.params,
        message: entry.endpoint.message(),
    }
}

/// Routes that cannot be served as they are.
///
/// ```
/// let error = ereo_runtime::routes()?.expect("board::feeed").unwrap_err();
/// assert!(error.to_string().contains("no route `board::feeed` is linked in"));
/// # Ok::<_, ereo_runtime::RoutesError>(())
/// ```
#[derive(Debug)]
pub struct RoutesError(Problem);

#[derive(Debug)]
enum Problem {
    Clashes(Vec<Clash>),
    Missing { handler: String, present: Vec<&'static str> },
}

#[derive(Debug)]
struct Clash {
    first: RouteInfo,
    second: RouteInfo,
}

impl std::error::Error for RoutesError {}

/// So that `?` works in an `actix_web::main` that returns `std::io::Result`.
impl From<RoutesError> for std::io::Error {
    fn from(error: RoutesError) -> Self {
        Self::other(error)
    }
}

impl fmt::Display for RoutesError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Problem::Clashes(clashes) => {
                write!(f, "routes clash; change a path or give one of them a `group`")?;
                for Clash { first, second } in clashes {
                    write!(f, "\n  {first}\n  {second}")?;
                }
                Ok(())
            }
            Problem::Missing { handler, present } => {
                write!(f, "no route `{handler}` is linked in")?;
                match nearest(handler, present) {
                    Some(meant) => write!(f, "; did you mean `{meant}`?")?,
                    None => write!(f, ".")?,
                }
                write!(
                    f,
                    " If its crate is a dependency that nothing names, add `use crate_name as _;`. \
                     Linked in: {}",
                    present.join(", "),
                )
            }
        }
    }
}

/// The route that was most likely meant: one of the same function in another module, else one that
/// differs in a third of the letters at the most.
fn nearest<'a>(handler: &str, present: &[&'a str]) -> Option<&'a str> {
    fn function(path: &str) -> Option<&str> {
        path.rsplit("::").next()
    }
    let allowed = handler.chars().count() / 3;
    present
        .iter()
        .map(|other| {
            (
                function(handler) != function(other),
                strsim::damerau_levenshtein(handler, other),
                *other,
            )
        })
        .filter(|(is_another, distance, _)| !is_another || *distance <= allowed)
        .min()
        .map(|(_, _, other)| other)
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn the_route_that_was_meant_is_found() {
        let present = ["shop::orders::feed", "shop::users::list"];
        assert_eq!(nearest("shop::orders::fed", &present), Some("shop::orders::feed"));
        assert_eq!(nearest("feed", &present), Some("shop::orders::feed"));
        assert_eq!(nearest("my_feature::other", &present), None);
    }
}
