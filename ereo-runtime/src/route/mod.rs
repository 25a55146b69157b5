//! Routes: collected at link time, checked once, served by actix.

mod argument;
mod call;
#[doc(hidden)]
pub mod callers;
mod entry;
mod mounts;
mod opened;
mod path;
mod pattern;
mod refusal;
mod routes;
mod service;
#[cfg(feature = "contract")]
mod told;

#[doc(hidden)]
pub use argument::{Argument, Extractor, Parameter};
#[doc(hidden)]
pub use call::{Call, Callable, Handled, Incoming};
#[doc(hidden)]
pub use entry::{Endpoint, RouteEntry};
pub use entry::{Kind, RouteInfo};
#[cfg(feature = "inspector")]
pub(crate) use mounts::Served;
#[doc(hidden)]
pub(crate) use opened::{NotOpen, opened};
#[doc(hidden)]
pub use path::{PathArgument, PathBuilder};
#[cfg(feature = "contract")]
#[cfg(feature = "contract")]
pub(crate) use pattern::{closing, shape};
#[doc(hidden)]
pub use refusal::{Refusal, refusal};
pub use routes::{Routes, RoutesError, routes};
#[cfg(feature = "contract")]
#[doc(hidden)]
pub use told::{Conversation, Told};
