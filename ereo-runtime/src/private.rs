//! Names for generated code: one hidden door, no promise of stability.

pub use core::primitive::str;
pub use std::borrow::Cow;
pub use std::boxed::Box;
pub use std::clone::Clone;
pub use std::convert::AsRef;
pub use std::option::Option;
pub use std::result::Result;
pub use std::string::String;

pub use actix_web::HttpRequest;
pub use actix_web::dev::Payload as RequestPayload;
pub use ereo_macros::{beside, loader, sse, websocket};
pub use inventory;
pub use serde::{self, Serialize};

pub use crate::broadcast::OnLag;
pub use crate::expiry::Expiry;
pub use crate::loader::{
    Fallible, LoaderData, LoaderOptions, assert_same_parameters, live, live_changes, load,
    load_fallible, loader, no_route, not_live,
};
pub use crate::message::{
    EncodeError, Event, Message, Payload, Perhaps, Reading, RefusedBySerde, Tagging, derived,
};
pub use crate::route::callers::*;
pub use crate::route::{
    Argument, Call, Handled, Incoming, PathArgument, PathBuilder, RouteEntry, refusal,
};
pub use crate::server::Origins;
pub use crate::sse::{SseOptions, lagging, sse, sse_lagging, sse_refusing};
pub use crate::websocket::{
    ArgumentOf, CloseReason, Hearing, Hooks, NoBodies, Options, SocketError, Takes, TakesNothing,
    Unreadable, assert_no_body, assert_only_body, assert_only_socket, assert_takes_socket, heard,
    hearing, hooks, opening, opening_refusing, reason, receiving, renewed, returned, socket,
    unread,
};
pub use crate::wire::Compression;

#[cfg(feature = "contract")]
mod contract {
    pub use schemars;

    pub use crate::message::description::{
        Any, Description, Form, NoSchema, Probe, is_left_out, no_default,
    };
    pub use crate::message::identity::{Identity, ParameterOf, identified, tagged};
    pub use crate::message::twin::{RefusedBySchemars, Twin};
    pub use crate::route::{Conversation, Told};
    pub use crate::websocket::conversation::{NoDescription, Received, Sent};
}

#[cfg(feature = "contract")]
pub use contract::*;
