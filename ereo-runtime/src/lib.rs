//! Ereo.

#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;
pub mod backoff;
pub mod broadcast;
mod client;
pub mod loader;
pub mod message;
pub mod prelude;
pub mod route;
pub mod server;
pub mod sse;
mod sync;
pub mod websocket;

pub use ereo_macros::{Message, loader, sse};

pub use backoff::{Backoff, Jitter};
pub use broadcast::{
    ClientSet, Delivery, Epoch, LastEventId, OnLag, Position, ResetReason, Subscription,
};
pub use client::{browser_client, browser_client_types};
pub use loader::LoaderData;
pub use message::{EncodeError, Frame, Message};
pub use route::{Kind, RouteInfo, Routes, RoutesError, routes};
pub use server::{Drain, HttpServerExt};
pub use sse::Event;
