//! What administrators see and do. All of it is served behind their guard, as `/admin`.

use actix_web::HttpResponse;
use actix_web::dev::HttpServiceFactory;
use actix_web::web::{self, Path};
use ereo_runtime::Everywhere;
use ereo_runtime::prelude::*;

use crate::api::LOGGED_OUT;
use crate::chat::Told;
use crate::session::Sessions;
use crate::shop::{Notice, Order, Progress, Shop};

#[derive(Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Overview {
    pub orders: Vec<Order>,
    pub rooms: Vec<String>,
    /// In any room.
    pub chatting: Vec<String>,
}

#[loader("/overview", group = "admin")]
pub async fn overview(shop: Data<Shop>, rooms: Data<ClientSet<Told>>) -> Overview {
    let members = rooms.members_with_rooms();
    let chatting = members.iter().map(|member| member.key().to_owned()).collect();
    Overview { orders: shop.all(), rooms: rooms.room_names(), chatting }
}

/// The kitchen has done a quarter of an order.
async fn advance(
    id: Path<usize>,
    shop: Data<Shop>,
    progress: Data<ClientSet<Progress>>,
    notices: Data<ClientSet<Notice>>,
) -> actix_web::Result<HttpResponse> {
    let Some(order) = shop.advance(*id, 25) else { return Ok(HttpResponse::NotFound().finish()) };
    let step = Progress::from(&order);
    progress.room(order.id).broadcast(&step)?;
    if step == Progress::Finished {
        notices.room(&order.user).broadcast(&Notice::Finished(order.clone()))?;
    }
    Ok(HttpResponse::Ok().json(order))
}

async fn log_out(
    user: Path<String>,
    sessions: Data<Sessions>,
    everywhere: Everywhere,
) -> HttpResponse {
    sessions.log_out(&user);
    HttpResponse::Ok().json(everywhere.disconnect(Who::Member(&user), LOGGED_OUT))
}

pub fn services() -> impl HttpServiceFactory {
    (
        web::resource("/orders/{id}/advance").route(web::post().to(advance)),
        web::resource("/users/{user}/logout").route(web::post().to(log_out)),
    )
}
