//! Routes: collected at link time, checked once, served by actix.

mod argument;
mod entry;
mod path;
mod pattern;
mod refusal;
mod routes;
mod service;

#[doc(hidden)]
pub use argument::{Extractor, Parameter, extract, param};
#[doc(hidden)]
pub use entry::{Handled, RouteEntry};
pub use entry::{Kind, RouteInfo};
#[doc(hidden)]
pub use path::{PathArgument, PathBuilder};
#[doc(hidden)]
pub use refusal::Refusal;
pub use routes::{Routes, RoutesError, routes};
