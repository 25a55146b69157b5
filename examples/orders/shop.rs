//! Orders, what their users are told of them, and how far each is.

use std::sync::{Mutex, MutexGuard, PoisonError};

use actix_web::error::{ErrorForbidden, ErrorNotFound};
use actix_web::web::Json;
use ereo_runtime::prelude::*;

use crate::session::User;

/// The orders. A database in a larger shop.
#[derive(Debug, Default)]
pub struct Shop(Mutex<Vec<Order>>);

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Message, JsonSchema)]
pub struct Order {
    pub id: usize,
    pub user: String,
    pub item: String,
    pub done: u8,
}

/// How far an order is, in percent.
const DONE: u8 = 100;

impl Shop {
    pub fn place(&self, user: &str, item: String) -> Order {
        let mut orders = self.lock();
        let order = Order { id: orders.len(), user: user.to_owned(), item, done: 0 };
        orders.push(order.clone());
        order
    }

    pub fn get(&self, id: usize) -> Option<Order> {
        self.lock().get(id).cloned()
    }

    /// The order, now further by `percent`.
    pub fn advance(&self, id: usize, percent: u8) -> Option<Order> {
        let mut orders = self.lock();
        let order = orders.get_mut(id)?;
        order.done = order.done.saturating_add(percent).min(DONE);
        Some(order.clone())
    }

    pub fn of(&self, user: &str) -> Vec<Order> {
        self.lock().iter().filter(|order| order.user == user).cloned().collect()
    }

    pub fn all(&self) -> Vec<Order> {
        self.lock().clone()
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Order>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What happens to a user's orders, one after the other, and to the shop.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Message, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Notice {
    Placed(Order),
    Finished(Order),
    News { text: String },
}

/// All that a page shows at first.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Inbox {
    pub user: String,
    pub orders: Vec<Order>,
}

/// The user's orders; the notices go on from there, without a gap.
#[loader("/inbox", live = notifications, changes)]
async fn inbox(user: User, shop: Data<Shop>) -> Inbox {
    Inbox { orders: shop.of(&user.name), user: user.name }
}

/// A room a user, and what all are told, in one stream with one position. The user is a member, and so can be
/// logged out by name.
#[sse("/notifications")]
pub async fn notifications(
    user: User,
    notices: Data<ClientSet<Notice>>,
    last: LastEventId,
) -> actix_web::Result<Subscription<Notice>> {
    let own = notices.room(&user.name).subscribe(last).as_member(&user.name, "notifications")?;
    Ok(own.merge(notices.subscribe(last)))
}

/// Orders of the user's own as they move: a body names more of them than a URL should.
#[sse("/orders/watch", method = "POST")]
pub async fn watch(
    wanted: Json<Vec<usize>>,
    user: User,
    board: Data<ClientSet<Order>>,
    last: LastEventId,
) -> actix_web::Result<Subscription<Order>> {
    let moves = board.subscribe(last).as_member(&user.name, "watch")?;
    Ok(moves.filter(move |order| order.user == user.name && wanted.contains(&order.id)))
}

/// How far one order is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Message, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Progress {
    Step { done: u8 },
    Finished,
}

impl From<&Order> for Progress {
    fn from(order: &Order) -> Self {
        if order.done < DONE { Self::Step { done: order.done } } else { Self::Finished }
    }
}

/// Where the order stands first, then each step; it ends with the last one, for good.
#[sse("/orders/{id}/progress")]
pub async fn progress(
    id: usize,
    user: User,
    shop: Data<Shop>,
    steps: Data<ClientSet<Progress>>,
    last: LastEventId,
) -> actix_web::Result<Subscription<Progress>> {
    // Before the look at the order: a step in between comes twice rather than never.
    let steps = steps.room(id).subscribe(last).as_member(&user.name, "progress")?;
    let order = shop.get(id).ok_or_else(|| ErrorNotFound("no such order"))?;
    if order.user != user.name {
        return Err(ErrorForbidden("not your order"));
    }
    let is_last = |progress: &Progress| *progress == Progress::Finished;
    Ok(steps.starting_with(Progress::from(&order)).take_until(is_last))
}
