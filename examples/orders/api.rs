//! What is asked by plain HTTP: to log in and out, and to order.

use actix_web::HttpResponse;
use actix_web::dev::HttpServiceFactory;
use actix_web::web::{self, Form, Json};
use ereo_runtime::Everywhere;
use ereo_runtime::prelude::*;

use crate::session::{Sessions, User};
use crate::shop::{Notice, Order, Shop};

/// A user is logged out, here and on every other device.
pub const LOGGED_OUT: Ending = Ending::code(4001, "logged out").final_();

#[derive(Deserialize)]
struct Login {
    user: String,
}

/// Anybody is who they say: a shop of yours asks for a password.
async fn log_in(login: Form<Login>, sessions: Data<Sessions>) -> HttpResponse {
    let is_name = |name: &str| !name.is_empty() && name.chars().all(char::is_alphanumeric);
    if !is_name(&login.user) {
        return HttpResponse::BadRequest().body("a name has letters and digits");
    }
    HttpResponse::NoContent().insert_header(sessions.cookie(&login.user)).finish()
}

/// Every stream and every socket of the user ends, on whatever device.
async fn log_out(user: User, sessions: Data<Sessions>, everywhere: Everywhere) -> HttpResponse {
    sessions.log_out(&user.name);
    let told = everywhere.disconnect(Who::Member(&user.name), LOGGED_OUT);
    HttpResponse::Ok().json(told)
}

#[derive(Deserialize)]
struct Item {
    item: String,
}

async fn place(
    user: User,
    item: Json<Item>,
    shop: Data<Shop>,
    notices: Data<ClientSet<Notice>>,
    board: Data<ClientSet<Order>>,
) -> actix_web::Result<HttpResponse> {
    let order = shop.place(&user.name, item.into_inner().item);
    board.broadcast(&order)?;
    notices.room(&user.name).broadcast(&Notice::Placed(order.clone()))?;
    Ok(HttpResponse::Created().json(order))
}

pub fn services() -> impl HttpServiceFactory {
    (
        web::resource("/login").route(web::post().to(log_in)),
        web::resource("/logout").route(web::post().to(log_out)),
        web::resource("/orders").route(web::post().to(place)),
    )
}
