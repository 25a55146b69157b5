//! The kitchen's board: one socket tells of each order that moves, and takes which is to move on.

use actix_web::web::Data;
use ereo_runtime::prelude::*;
use ereo_runtime::{CloseCode, Delivery};

use crate::session::User;
use crate::shop::{Notice, Order, Progress, Shop};

/// A quarter of this order is done.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct Advance {
    order: usize,
}

/// An order as it is now; the page comes back with the `id` of the last one it has seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Message, JsonSchema)]
pub struct Moved {
    #[schemars(with = "String")]
    pub id: Position,
    pub order: Order,
}

/// The orders that move are forwarded with their positions, so that the overview can go on live over it.
#[websocket("/kitchen", group = "admin")]
pub async fn kitchen(
    mut socket: Socket<Advance, Moved>,
    cook: User,
    shop: Data<Shop>,
    board: Data<ClientSet<Order>>,
    progress: Data<ClientSet<Progress>>,
    notices: Data<ClientSet<Notice>>,
    last: LastEventId,
) -> Result<(), SocketError> {
    // A member, so that a cook who is logged out is gone from here as well.
    let mut moves = board.subscribe(last).as_member(&cook.name, "kitchen")?;
    loop {
        tokio::select! {
            delivery = moves.recv() => match delivery {
                Some(Delivery::Message { message, .. }) => {
                    let moved = Moved { id: moves.position(), order: message.clone() };
                    socket.send(&moved).await?;
                }
                // Orders are missing: the page loads the overview again.
                Some(Delivery::Reset { .. }) | None => {
                    return Err(SocketError::close(CloseCode::TRY_AGAIN_LATER, "load again"));
                }
                Some(_) => {}
            },
            advance = socket.recv() => {
                let Some(Advance { order }) = advance? else { return Ok(()) };
                let Some(order) = shop.advance(order, 25) else { continue };
                let step = Progress::from(&order);
                progress.room(order.id).broadcast(&step)?;
                if step == Progress::Finished {
                    notices.room(&order.user).broadcast(&Notice::Finished(order.clone()))?;
                }
                board.broadcast(&order)?;
            }
        }
    }
}
