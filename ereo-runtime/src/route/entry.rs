//! The entry that a route's attribute leaves in the inventory.

use std::fmt;

use actix_web::HttpRequest;
use actix_web::dev::Payload;

use super::call::Handled;
#[cfg(feature = "contract")]
use super::told::Told;
#[cfg(feature = "contract")]
use crate::message::Description;

/// What kind of endpoint a route is.
///
/// ```
/// use ereo_runtime::{Kind, routes};
///
/// let sockets = routes()?.iter().filter(|route| route.kind == Kind::WebSocket).count();
/// println!("{sockets} socket routes are linked in");
/// # Ok::<_, ereo_runtime::RoutesError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Kind {
    /// `#[sse]`: a stream of server-sent events.
    Sse,
    /// `#[websocket]`: a WebSocket.
    WebSocket,
    /// `#[loader]`: JSON, with the position from which its live route goes on.
    Loader,
}

/// One route, as its attribute registers it.
#[doc(hidden)]
#[derive(Debug)]
pub struct RouteEntry {
    pub pattern: &'static str,
    pub group: Option<&'static str>,
    pub handler: &'static str,
    pub file: &'static str,
    pub line: u32,
    pub params: &'static [&'static str],
    pub endpoint: &'static dyn Endpoint,
    #[cfg(feature = "contract")]
    pub told: Told,
}

/// What answers a route. Each kind of route has one.
#[doc(hidden)]
pub trait Endpoint: Sync {
    /// What kind of route it is.
    fn kind(&self) -> Kind;

    /// The type of what is sent.
    fn message(&self) -> &'static str;

    /// What the message says of itself to a contract. A socket's arguments say that.
    #[cfg(feature = "contract")]
    fn description(&self) -> Description {
        Description::UNKNOWN
    }

    /// Answers a request.
    fn serve(&self, req: HttpRequest, payload: Payload) -> Handled;

    /// The HTTP method that a client asks with.
    fn method(&self) -> &'static str {
        "GET"
    }
}

impl fmt::Debug for dyn Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Endpoint").field("kind", &self.kind()).finish_non_exhaustive()
    }
}

inventory::collect!(RouteEntry);

/// One route, for people and tools: see [`Routes::iter`](super::Routes::iter).
///
/// ```
/// for route in ereo_runtime::routes()?.iter() {
///     println!("{} {} is {}, {}:{}", route.method, route.path, route.handler, route.file, route.line);
/// }
/// # Ok::<_, ereo_runtime::RoutesError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RouteInfo {
    /// What kind of endpoint it is.
    pub kind: Kind,
    /// The HTTP method.
    pub method: &'static str,
    /// The path pattern as it is served, prefixes included; an actix scope around the routes is not.
    pub path: String,
    /// The annotated function, with its modules.
    pub handler: &'static str,
    /// The group, if the attribute names one.
    pub group: Option<&'static str>,
    /// The source file of the attribute.
    pub file: &'static str,
    /// The line of the attribute.
    pub line: u32,
    /// The names of the path's parameters, in order.
    pub params: &'static [&'static str],
    /// The type of what is sent.
    pub message: &'static str,
}

impl fmt::Display for RouteInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { method, path, handler, file, line, .. } = self;
        write!(f, "{method} {path} ({handler} at {file}:{line})")
    }
}
