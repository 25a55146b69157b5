//! Loaders: a page's first data, and the position from which its live stream goes on without a gap.

mod data;
mod live;
#[doc(hidden)]
pub mod no_route;
mod parameters;
mod serve;

pub use data::LoaderData;
#[doc(hidden)]
pub use live::{Before, Live, LiveChanges, SameMessage, live, live_changes, not_live};
#[doc(hidden)]
pub use parameters::assert_same_parameters;
#[doc(hidden)]
pub use serve::{Fallible, Loadable, LoaderEndpoint, LoaderOptions, load, load_fallible, loader};
