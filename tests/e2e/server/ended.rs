//! Connections of who is named in the query, and a route that ends them.

use std::sync::atomic::Ordering;

use actix_web::error::ErrorBadRequest;
use actix_web::{Error, post};
use ereo_runtime::prelude::*;
use ereo_runtime::{EncodeError, Everywhere};

use super::{Count, Counted};

#[derive(Deserialize)]
struct Named {
    user: String,
}

#[sse("/named", retry = "100ms", heartbeat = "500ms")]
async fn named(
    named: Query<Named>,
    set: Data<ClientSet<Count>>,
    last: LastEventId,
) -> Result<Subscription<Count>, EncodeError> {
    set.subscribe(last).as_member(&named.user, &())
}

#[loader("/named/now", live = named)]
async fn named_now(counted: Counted) -> Result<Count, Error> {
    Ok(Count { n: counted.load(Ordering::Relaxed) })
}

#[websocket("/named/ws", ping = "500ms")]
async fn named_ws(
    named: Query<Named>,
    mut socket: Socket<String, Count>,
    set: Data<ClientSet<Count>>,
) -> Result<(), SocketError> {
    let _seat = set.join(&socket)?.as_member(&named.user, &())?;
    while socket.recv().await?.is_some() {}
    Ok(())
}

#[derive(Deserialize)]
struct End {
    user: String,
    code: u16,
    reason: String,
    last: bool,
}

/// Says how many were told.
#[post("/end")]
pub(super) async fn end(end: Query<End>, everywhere: Everywhere) -> Result<String, Error> {
    let End { user, code, reason, last } = end.into_inner();
    let ending = Ending::new(code, reason).map_err(ErrorBadRequest)?;
    let ending = if last { ending.final_() } else { ending };
    Ok(everywhere.disconnect(Who::Member(&user), ending).to_string())
}
