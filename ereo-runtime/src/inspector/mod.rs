//! What is live, now, on one page (feature `inspector`): the routes, the connections, the sets and rooms, and
//! what went wrong; with the feature `contract` also the types and documents of the routes.
//!
//! ```no_run
//! use ereo_runtime::prelude::*;
//! use ereo_runtime::inspector::inspector;
//!
//! # async fn run() -> std::io::Result<()> {
//! let routes = ereo_runtime::routes()?;
//! // http://localhost:8080/__ereo
//! HttpServer::new(move || App::new().service(inspector("/__ereo")).service(routes.clone()))
//!     .realtime(Drain::within(Duration::from_secs(10)))
//!     .bind("127.0.0.1:8080")?
//!     .run()
//!     .await
//! # }
//! ```
//!
//! The page is one of Ereo's own: a loader gives the first snapshot, a stream one a second, `live` of the browser
//! module keeps the page up to date. It needs no build step, and its policy (`content-security-policy`) allows
//! nothing but its own files.
//!
//! # Who is answered
//! | | debug builds | release builds |
//! |---|---|---|
//! | by itself | peers on the loopback that ask for a local `Host`, past no proxy | nobody; the log says so once |
//! | with [`Inspector::allow`] | whom that allows | whom that allows |
//!
//! Everybody else is answered 404, and so is a request that a page of another origin makes. What changes something
//! (`POST`) must say an `Origin` of the server's own host, else it is 403.
//!
//! A guard that takes what a middleware has found out:
//!
//! ```
//! use actix_web::HttpMessage as _;
//! use ereo_runtime::inspector::inspector;
//!
//! #[derive(Clone, Copy)]
//! struct Operator;
//!
//! let page = inspector("/__ereo")
//!     .allow(|req| req.extensions().get::<Operator>().is_some());
//! # drop(page);
//! ```
//!
//! # What is shown
//! Routes by their pattern, never a path or a query; no header and no cookie; peers by their address. Of messages
//! nothing but their number, unless [`Inspector::payloads`] says so: then 20 a second at most, of each 512 bytes.
//! A room's name is shown as the room is called, and so is what a route's path holds where that is the name.
//!
//! # What it costs
//! Without the feature nothing, not a byte. With it a connection has an entry in its server's registry, and a
//! stream what makes it one that can be ended alone: 336 bytes a socket, 534 an event stream, as the allocator
//! counts them.
//! A delivery stores three numbers in that entry, and none where a relay writes for the connection. Once a second,
//! and only while somebody looks, one thread that serves no connection goes through the registry, 256 connections
//! at a time, and makes one snapshot for all who look: at most 600 connections and 200 sets of it are sent,
//! whatever their number.

mod find;
mod guard;
mod page;
mod ranks;
mod rows;
mod sets_seen;
mod snapshot;
mod state;

use actix_web::HttpRequest;
use actix_web::dev::{AppService, HttpServiceFactory};
use std::sync::Arc;

use guard::Rule;

/// The inspector at `path`: an actix service, `.service(inspector("/__ereo"))`.
///
/// ```
/// use actix_web::App;
/// use ereo_runtime::inspector::inspector;
///
/// let app = App::new().service(inspector("/__ereo"));
/// # drop(app);
/// ```
pub fn inspector(path: &str) -> Inspector {
    let path = format!("/{}", path.trim_matches('/'));
    let is_debug = cfg!(debug_assertions);
    let rule = if is_debug { Rule::Local } else { Rule::Nobody };
    Inspector { path, rule, payloads: is_debug }
}

/// The inspector's page; see [the module](self). Begin with [`inspector`].
#[derive(Clone)]
#[must_use = "a service that is not given to an `App` serves nothing"]
pub struct Inspector {
    path: String,
    rule: Rule,
    payloads: bool,
}

impl Inspector {
    /// Answers whom `allow` says, in place of what the build says by itself. It is asked with every request, and
    /// once for a stream.
    ///
    /// ```
    /// use ereo_runtime::inspector::inspector;
    ///
    /// let key = std::env::var("INSPECTOR_KEY").ok();
    /// let page = inspector("/__ereo").allow(move |req| {
    ///     let said = req.headers().get("authorization").and_then(|value| value.to_str().ok());
    ///     // Nobody, where no key is set. Behind a proxy that adds the header.
    ///     key.is_some() && said == key.as_deref()
    /// });
    /// # drop(page);
    /// ```
    pub fn allow(mut self, allow: impl Fn(&HttpRequest) -> bool + Send + Sync + 'static) -> Self {
        self.rule = Rule::Asked(Arc::new(allow));
        self
    }

    /// Whether samples of what is broadcast are shown; in debug builds they are by default, in release builds
    /// not. They may hold what is nobody's business.
    pub fn payloads(mut self, shown: bool) -> Self {
        self.payloads = shown;
        self
    }

    /// As in a release build, also in a debug build: without [`allow`](Inspector::allow) nobody is answered, and
    /// without [`payloads`](Inspector::payloads) no message is shown. For a debug build that strangers reach;
    /// call it first.
    ///
    /// ```
    /// use ereo_runtime::inspector::inspector;
    ///
    /// let page = inspector("/__ereo").as_in_release().allow(|req| req.peer_addr().is_none());
    /// # drop(page);
    /// ```
    pub fn as_in_release(self) -> Self {
        Self { rule: Rule::Nobody, payloads: false, ..self }
    }
}

impl HttpServiceFactory for Inspector {
    fn register(self, config: &mut AppService) {
        page::register(self, config);
    }
}

impl std::fmt::Debug for Inspector {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Inspector").field("path", &self.path).finish_non_exhaustive()
    }
}
