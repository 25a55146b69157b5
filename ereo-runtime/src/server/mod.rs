//! The server around the routes: clients that leave are seen at once, and a stop drains.

mod drain;
mod lifeline;
mod realtime;

pub use drain::Drain;
pub use realtime::HttpServerExt;

pub(crate) use lifeline::{Lifeline, OpenStream};
