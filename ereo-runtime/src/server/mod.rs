//! The server around the routes: clients that leave are seen at once, and a stop drains.

mod admission;
mod drain;
mod lifeline;
mod limits;
mod observe;
mod open_stream;
mod realtime;

pub use admission::NotAdmitted;
pub use drain::{Drain, DrainHandle};
pub use limits::Limits;
pub use realtime::{HttpServerExt, Realtime};

pub(crate) use admission::admit;
pub(crate) use observe::{ConnectionKind, Observed};
pub(crate) use open_stream::OpenStream;
