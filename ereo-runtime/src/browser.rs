//! The browser package, served by the runtime: [`browser_client`].

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::LazyLock;

use actix_web::http::header::{self, EntityTag, IfNoneMatch};
use actix_web::{HttpMessage as _, HttpRequest, HttpResponse, Resource, web};

const TYPES: &str = include_str!("../client/ereo.d.ts");

macro_rules! files {
    ($($name:literal,)*) => { &[$(($name, include_str!(concat!("../client/", $name)))),*] };
}

/// The package's modules and their declarations, by name. The first is the core's entry.
const FILES: &[(&str, &str)] = files![
    "ereo.js",
    "ereo.d.ts",
    "ereo.routes.d.ts",
    "ereo.backoff.js",
    "ereo.common.js",
    "ereo.connection.js",
    "ereo.events.js",
    "ereo.live.js",
    "ereo.observable.js",
    "ereo.socket.js",
    "ereo.fetch.js",
    "ereo.fetch.d.ts",
    "ereo.react.js",
    "ereo.react.d.ts",
    "ereo.react.store.js",
    "ereo.tabs.js",
    "ereo.tabs.d.ts",
    "ereo.positions.js",
    "ereo.worker.js",
    "ereo.worker.d.ts",
    "ereo.worker.feed.js",
    "ereo.worker.reader.js",
    "ereo.worker.ring.js",
    "ereo.worker.stream.js",
    "ereo.worker.tab.js",
];

/// What the core's entry exports, and the modules that it needs for it.
const CORE: &[&str] = &[
    "ereo.backoff.js",
    "ereo.common.js",
    "ereo.observable.js",
    "ereo.connection.js",
    "ereo.events.js",
    "ereo.live.js",
    "ereo.socket.js",
];
const EXPORTS: &str = "export { Backoff, events, live, socket };\n";

/// Serves the browser module (`events`, `live`, `socket`) at `path`:
/// `.service(browser_client("/ereo.js"))`. It depends on nothing but its own parts, which are in the same folder
/// (`ereo.events.js` and so on), as are the package's other modules:
///
/// | module | exports |
/// | --- | --- |
/// | `ereo.fetch.js` | `overFetch`: event streams with headers, such as a token in `Authorization`, or a body |
/// | `ereo.tabs.js` | `share`: one connection for all tabs, by the SharedWorker `ereo.worker.js` |
/// | `ereo.react.js` | `useLive`, `useEvents`, `useSocket`, `useSubscription`; imports `react`, by the page's import map |
///
/// Each has an `ETag`: a browser asks again with every page, and is answered 304 until the server has another
/// version. Who serves them in another way, or bundles them, has them from [`browser_client_script`] and
/// [`browser_client_files`].
///
/// A page of another origin needs CORS (such as actix-cors) with the page's origin and, for cookies,
/// `supports_credentials()`; `withCredentials: true` sends them. `last-event-id` and `retry-after`, which the module
/// reads, are exposed on every answer that CORS has let pass.
///
/// It adds parameters to the queries of its streams and sockets: `ereoHeartbeat=1`, which asks for heartbeats
/// that a page can see, and `lastEventID=`. So a route's `Query<T>` must not deny unknown fields.
///
/// ```
/// use actix_web::App;
/// use ereo_runtime::browser_client;
///
/// // In the page: import { events } from "/static/ereo.js";
/// let app = App::new().service(browser_client("/static/ereo.js"));
/// # drop(app);
/// ```
pub fn browser_client(path: &str) -> Resource {
    let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let modules = FILES.iter().filter(|(name, _)| name.ends_with(".js"));
    let mut paths: Vec<_> = modules.map(|(name, _)| format!("{folder}/{name}")).collect();
    if !paths.iter().any(|known| known == path) {
        paths.push(path.to_owned());
    }
    let tags: Vec<_> = FILES.iter().map(|(_, text)| fingerprint(text)).collect();
    web::resource(paths).route(web::get().to(move |req: HttpRequest| {
        let asked = req.path().rsplit('/').next().unwrap_or_default();
        // The core may have any name.
        let at = FILES.iter().position(|(name, _)| *name == asked).unwrap_or_default();
        let answer = respond(&req, FILES[at].1, tags[at].clone());
        async move { answer }
    }))
}

fn respond(req: &HttpRequest, script: &'static str, tag: EntityTag) -> HttpResponse {
    let unchanged = match req.get_header::<IfNoneMatch>() {
        Some(IfNoneMatch::Any) => true,
        Some(IfNoneMatch::Items(tags)) => tags.iter().any(|known| known.weak_eq(&tag)),
        None => false,
    };
    let mut answer = if unchanged { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    answer
        .insert_header(header::ETag(tag))
        // The module must fit the server that serves it: asked for again each time.
        .insert_header((header::CACHE_CONTROL, "no-cache"))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"));
    if unchanged {
        return answer.finish();
    }
    answer.content_type("text/javascript; charset=utf-8").body(script)
}

/// Names a version of a module, on every server of one build.
fn fingerprint(text: &str) -> EntityTag {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    EntityTag::new_strong(format!("{:x}", hasher.finish()))
}

/// The browser module (`events`, `live`, `socket`) as one script that imports nothing, for who serves it in another
/// way than [`browser_client`]. With an `ETag` or a version in its URL: it belongs to the server of the same
/// release. The package's other modules import the core by its name, and are had from [`browser_client_files`].
///
/// ```
/// let script = ereo_runtime::browser_client_script();
/// assert!(script.ends_with("export { Backoff, events, live, socket };\n"));
/// ```
pub fn browser_client_script() -> &'static str {
    static SCRIPT: LazyLock<String> = LazyLock::new(|| {
        // Imports and exports are lines of their own in these modules.
        let own = |line: &&str| !line.starts_with("import ") && !line.starts_with("export ");
        let of = |part: &&str| FILES.iter().find(|(name, _)| name == part);
        let lines =
            CORE.iter().filter_map(of).flat_map(|(_, text)| text.split_inclusive('\n').filter(own));
        lines.chain([EXPORTS]).collect()
    });
    &SCRIPT
}

/// TypeScript declarations of the browser module, to be written beside a front end's sources.
///
/// ```
/// # fn main() -> std::io::Result<()> {
/// # let folder = std::env::temp_dir();
/// std::fs::write(folder.join("ereo.d.ts"), ereo_runtime::browser_client_types())
/// # }
/// ```
pub const fn browser_client_types() -> &'static str {
    TYPES
}

/// All modules of the browser package and their declarations as `(name, text)`, to be written into one folder:
/// they import each other by these names.
///
/// ```
/// let names: Vec<_> = ereo_runtime::browser_client_files().iter().map(|(name, _)| *name).collect();
/// assert!(names.contains(&"ereo.js") && names.contains(&"ereo.react.js"));
/// ```
pub const fn browser_client_files() -> &'static [(&'static str, &'static str)] {
    FILES
}
