//! Routes: collected at link time, checked once, served by actix.

mod argument;
mod entry;
mod path;
mod pattern;
mod routes;
mod service;

#[doc(hidden)]
pub use argument::{Extractor, Parameter, extract, param};
#[doc(hidden)]
pub use entry::{Handled, RouteEntry};
pub use entry::{Kind, RouteInfo};
#[doc(hidden)]
pub use path::{PathArgument, PathBuilder};
pub use routes::{Routes, RoutesError, routes};
