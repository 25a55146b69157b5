//! Server-sent events (WHATWG HTML section 9.2): the event, its encoding, and the response.

mod blocks;
mod body;
mod closed;
mod compress;
mod endpoint;
mod finished;
mod into_sse;
mod last_event_id;
mod panicked;
mod responder;
mod response;
mod streamed;

pub use crate::message::{Event, InvalidField};
#[doc(hidden)]
pub use endpoint::{SseEndpoint, lagging, sse, sse_lagging, sse_refusing};
pub use into_sse::{IntoSse, kind};
#[doc(hidden)]
pub use response::SseOptions;
