//! Server-sent events (WHATWG HTML section 9.2): the event, its encoding, and the response.

mod block;
mod blocks;
mod body;
mod compress;
mod encode;
mod event;
mod finished;
mod handler;
mod into_sse;
mod last_event_id;
mod panicked;
mod reset;
mod response;

pub(crate) use block::{Block, Draft};
pub use event::{Event, InvalidField};
#[doc(hidden)]
pub use handler::{SseEndpoint, lagging, sse, sse_lagging, sse_refusing};
pub use into_sse::{IntoSse, kind};
#[doc(hidden)]
pub use response::SseOptions;
