//! The contract of the routes with their front end (feature `contract`): what each of them sends and takes,
//! as types of TypeScript, as AsyncAPI 3 and as OpenAPI 3.2.
//!
//! One word makes a type part of it: `JsonSchema`, among the derives of a message, of what a loader gives, of
//! what a socket takes and of what a `Query` reads.
//!
//! ```
//! use ereo_runtime::prelude::*;
//!
//! #[derive(Clone, Serialize, Message, JsonSchema)]
//! #[serde(rename_all = "snake_case")]
//! enum Feed {
//!     UserLeft,
//!     /// Somebody says something.
//!     Chat { from: String, text: String },
//! }
//!
//! #[sse("/rooms/{room}/feed")]
//! async fn feed(room: String, set: Data<ClientSet<Feed>>, last: LastEventId) -> Subscription<Feed> {
//!     set.room(room).subscribe(last)
//! }
//!
//! let types = ereo_runtime::routes()?.contract().typescript();
//! assert!(types.contains(r#""/rooms/{room}/feed": {"#));
//! assert!(types.contains("chat: { from: string; text: string };"));
//! # Ok::<_, ereo_runtime::RoutesError>(())
//! ```
//!
//! The file is written while the program is developed, and compared in CI:
//!
//! ```no_run
//! # fn main() -> std::io::Result<()> {
//! let routes = ereo_runtime::routes()?;
//! #[cfg(debug_assertions)]
//! routes.contract().write("web/src/ereo.gen.ts")?;
//! # Ok(()) }
//!
//! #[test]
//! fn the_front_end_has_the_contract() {
//!     // EREO_WRITE=1 in the environment writes it.
//!     ereo_runtime::routes().unwrap().contract().strict().check("web/src/ereo.gen.ts").unwrap();
//! }
//! ```
//!
//! Where a front end includes that file, `events("/rooms/lobby/feed")` of `ereo-client` knows the names of the
//! events and their data; a URL that no route has does not compile.
//!
//! # What a type becomes
//! What serde writes of it. Of the formats that JSON has not:
//!
//! | in Rust | in the contract |
//! |---|---|
//! | `i64`, `u64` and larger | `number`, as `JSON.parse` gives: beyond 2^53 the nearest that there is |
//! | a float | `number`; one that is not finite is written as `null`, which no type says |
//! | `()`, a variant without content | `null` |
//! | [`Bytes`](bytes::Bytes), [`Binary`](crate::Binary) | `ArrayBuffer` |
//! | [`serde_json::Value`], [`Event`](crate::message::Event) | `unknown`: any JSON, chosen by who wrote it |
//! | what a function writes (`with`, `serialize_with`), a tuple with a field that is left out at times (`skip_serializing_if`) | `unknown`, unless `#[schemars(with = "Type")]` says what it is |
//! | a type without `JsonSchema` | `unknown`, and an error under [`Contract::strict`] |
//!
//! The word costs rustc about 3 ms a type (`cargo check`, 200 types). Without the feature there is neither a
//! crate nor a line of it.
//!
//! Types of other crates need schemars' feature for that crate, such as `uuid1`: add schemars to your own
//! dependencies with it. A generic message is known where the route's signature spells it,
//! `Subscription<Page<Line>>`, and not behind an alias.

mod asyncapi;
mod error;
mod events;
mod file;
mod info;
mod names;
mod openapi;
mod path;
mod routes;
mod schemas;
mod text;
mod tree;
mod types;
mod typescript;

use std::path::Path;

use serde_json::{Map, Value};

pub use error::ContractError;
pub use info::Info;

use self::routes::{Described, describe};
use self::schemas::Schemas;
use crate::route::Routes;

impl Routes {
    /// What these routes send and take: those that are served, under the prefixes by which they are.
    ///
    /// A scope around a group is not seen from here. Say it as a prefix, and put both together:
    ///
    /// ```
    /// # fn main() -> Result<(), ereo_runtime::RoutesError> {
    /// let routes = ereo_runtime::routes()?;
    /// let admin = routes.clone().group("admin").prefix("/admin");
    /// let contract = routes.ungrouped().contract().and(&admin);
    /// # let _ = contract; Ok(()) }
    /// ```
    pub fn contract(&self) -> Contract {
        Contract::of(vec![self.clone()])
    }
}

/// What routes send and take; see [the module](self).
#[must_use]
pub struct Contract {
    sources: Vec<Routes>,
    routes: Vec<Described>,
    schemas: Schemas,
    info: Info,
    is_strict: bool,
}

impl Contract {
    fn of(sources: Vec<Routes>) -> Self {
        let (routes, schemas) = describe(&sources);
        Self { sources, routes, schemas, info: Info::default(), is_strict: false }
    }

    /// These routes as well, such as those of a group that is served in a scope of its own.
    pub fn and(mut self, routes: &Routes) -> Self {
        self.sources.push(routes.clone());
        let (routes, schemas) = describe(&self.sources);
        Self { routes, schemas, ..self }
    }

    /// Makes it an error of [`write`](Self::write) and [`check`](Self::check) that the schema of a type is not
    /// known. Without it such a type is `unknown`.
    pub fn strict(mut self) -> Self {
        self.is_strict = true;
        self
    }

    /// What documents that are written as `.json` say beside the routes.
    pub fn info(mut self, info: Info) -> Self {
        self.info = info;
        self
    }

    /// A file of TypeScript types. It is the same from every build of the same routes.
    #[must_use]
    pub fn typescript(&self) -> String {
        typescript::write(&self.routes, &self.schemas)
    }

    /// An AsyncAPI 3.0 document.
    #[must_use]
    pub fn asyncapi(&self, info: &Info) -> Value {
        sorted(asyncapi::document(info, &self.routes, &self.schemas))
    }

    /// An OpenAPI 3.2 document of the streams, by their `itemSchema`, and the loaders. Sockets are none of its
    /// matter.
    #[must_use]
    pub fn openapi(&self, info: &Info) -> Value {
        sorted(openapi::document(info, &self.routes, &self.schemas))
    }

    /// Writes the contract, if the file has another one: as TypeScript into a `.ts`, as a document into a
    /// `.json`, which is OpenAPI where the file's name has `openapi` in it, else AsyncAPI. Says whether it has
    /// written.
    ///
    /// # Errors
    /// When the file or its folder cannot be read or written, or has another ending; under
    /// [`strict`](Self::strict) when a type is not known.
    pub fn write(&self, path: impl AsRef<Path>) -> Result<bool, ContractError> {
        let path = path.as_ref();
        file::write(path, &self.text(path)?)
    }

    /// Compares the file with the contract, for a test in CI. With `EREO_WRITE=1` in the environment it writes
    /// it instead.
    ///
    /// # Errors
    /// When the file is another contract's, or is not there; and those of [`write`](Self::write).
    pub fn check(&self, path: impl AsRef<Path>) -> Result<(), ContractError> {
        let path = path.as_ref();
        file::check(path, &self.text(path)?)
    }

    fn text(&self, path: &Path) -> Result<String, ContractError> {
        if self.is_strict {
            ContractError::unknown(&self.routes)?;
        }
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        match path.extension().and_then(|extension| extension.to_str()) {
            Some("ts" | "mts") => Ok(self.typescript()),
            Some("json") if name.contains("openapi") => Ok(json_text(self.openapi(&self.info))),
            Some("json") => Ok(json_text(self.asyncapi(&self.info))),
            _ => Err(ContractError::kind(path)),
        }
    }
}

impl std::fmt::Debug for Contract {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Contract").field("routes", &self.routes).finish_non_exhaustive()
    }
}

/// JSON that is the same from every build, with all keys in order: whether a map keeps another one, some crate of the program decides.
fn sorted(value: Value) -> Value {
    match value {
        Value::Array(items) => items.into_iter().map(sorted).collect(),
        Value::Object(members) => {
            let mut members: Vec<_> = members.into_iter().collect();
            members.sort_by(|(a, _), (b, _)| a.cmp(b));
            Value::Object(
                members.into_iter().map(|(key, value)| (key, sorted(value))).collect::<Map<_, _>>(),
            )
        }
        other => other,
    }
}

/// Text of a JSON file.
fn json_text(value: Value) -> String {
    format!("{:#}\n", sorted(value))
}
