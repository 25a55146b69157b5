//! What administrators see and do. All of it is served behind their guard, as `/admin`.

use actix_web::HttpResponse;
use actix_web::dev::HttpServiceFactory;
use actix_web::web::{self, Path};
use ereo_runtime::Everywhere;
use ereo_runtime::prelude::*;

use crate::api::LOGGED_OUT;
use crate::chat::Told;
use crate::kitchen::kitchen;
use crate::session::Sessions;
use crate::shop::{Notice, Order, Shop};

#[derive(Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Overview {
    pub orders: Vec<Order>,
    pub rooms: Vec<String>,
    /// In any room.
    pub chatting: Vec<String>,
}

/// All of it first; the kitchen's socket goes on with each order that moves, without a gap.
#[loader("/overview", live = kitchen, changes, group = "admin")]
pub async fn overview(shop: Data<Shop>, rooms: Data<ClientSet<Told>>) -> Overview {
    let members = rooms.members_with_rooms();
    let chatting = members.iter().map(|member| member.key().to_owned()).collect();
    Overview { orders: shop.all(), rooms: rooms.room_names(), chatting }
}

/// News for everybody, on the stream that each user has anyway.
async fn tell_all(
    text: String,
    notices: Data<ClientSet<Notice>>,
) -> actix_web::Result<HttpResponse> {
    notices.broadcast(&Notice::News { text })?;
    Ok(HttpResponse::NoContent().finish())
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
        web::resource("/news").route(web::post().to(tell_all)),
        web::resource("/users/{user}/logout").route(web::post().to(log_out)),
    )
}
