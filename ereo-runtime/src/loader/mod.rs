//! Loaders: a page's first data, and the position from which its live stream goes on without a gap.

mod data;
mod live;
mod serve;

pub use data::LoaderData;
#[doc(hidden)]
pub use live::{Live, SameMessage, assert_same_parameters, live_position};
#[doc(hidden)]
pub use serve::{
    Fallible, Loadable, LoaderOptions, load, load_fallible, loader_message, serve_loader,
};
