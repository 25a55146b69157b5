//! What a file with routes needs: `use ereo_runtime::prelude::*;`.

pub use std::time::Duration;

pub use actix_web::web::{Data, Json, Path, Query};
pub use actix_web::{App, HttpServer};
pub use futures_util::Stream;
pub use serde::{Deserialize, Serialize};

pub use crate::{
    ClientSet, CloseReason, Connection, Drain, Event, HttpServerExt, LastEventId, LoaderData,
    Message, OnLag, Position, Seat, Socket, SocketError, Subscription, loader, sse, websocket,
};
