//! Names that a file with routes needs: `use ereo_runtime::prelude::*;`.

pub use std::time::Duration;

pub use actix_web::web::{Data, Query};
pub use actix_web::{App, HttpServer};
pub use futures_util::Stream;
// The traits; the derives of the same names are ours, for crates without a dependency on serde.
pub use ereo_macros::{Deserialize, Serialize};
pub use serde::{de::Deserialize, ser::Serialize};

#[cfg(feature = "contract")]
pub use crate::JsonSchema;

pub use crate::{
    ClientSet, CloseReason, Connection, ConnectionHandle, Drain, Ending, Event, Expiry,
    HttpServerExt, LastEventId, Limits, LoaderData, Message, OnLag, Origins, Position,
    PresenceEvent, PresenceEvents, ProxyHeader, Realtime, RoomFull, Seat, Socket, SocketError,
    Subscription, Unreadable, Who, loader, sse, websocket,
};
