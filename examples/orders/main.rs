//! A shop with all that a real application needs: login by signed cookie, notifications for each user, the
//! progress of an order, rooms to chat in, a page for administrators, and a front end of another origin.
//! `cargo run --example orders`, then open <http://127.0.0.1:8081>; the interface is at `PORT` (8080), the front
//! end at `FRONT` (8081).

mod admin;
mod api;
mod chat;
mod kitchen;
mod session;
mod shop;
#[cfg(test)]
mod tests;

use actix_web::dev::HttpServiceFactory;
use actix_web::middleware::from_fn;
use actix_web::web::{self, ServiceConfig};
use actix_web::{HttpResponse, HttpServer};
use ereo_runtime::prelude::*;
use ereo_runtime::{Routes, browser_client};

use session::Sessions;
use shop::Shop;

/// What all workers share: a set a kind of message, and what is stored.
#[derive(Clone)]
struct State {
    sessions: Data<Sessions>,
    shop: Data<Shop>,
    notices: Data<ClientSet<shop::Notice>>,
    progress: Data<ClientSet<shop::Progress>>,
    board: Data<ClientSet<shop::Order>>,
    rooms: Data<ClientSet<chat::Told>>,
}

impl State {
    fn new() -> Self {
        Self {
            sessions: Data::new(Sessions::new()),
            shop: Data::default(),
            notices: Data::new(ClientSet::new()),
            progress: Data::new(ClientSet::new()),
            board: Data::new(ClientSet::new()),
            // A page that is loaded anew does not flap.
            rooms: Data::new(ClientSet::builder().presence_grace(Duration::from_secs(2)).build()),
        }
    }

    /// The interface: what administrators may do stands behind their guard, and nowhere else.
    fn serve(self, routes: Routes) -> impl Fn(&mut ServiceConfig) + Clone {
        move |app| {
            app.app_data(self.sessions.clone())
                .app_data(self.shop.clone())
                .app_data(self.notices.clone())
                .app_data(self.progress.clone())
                .app_data(self.board.clone())
                .app_data(self.rooms.clone())
                .service(
                    web::scope("/admin")
                        .wrap(from_fn(session::administrators))
                        .service(admin::services())
                        .service(routes.clone().group("admin")),
                )
                .service(
                    web::scope("/api").service(api::services()).service(routes.clone().ungrouped()),
                )
                .service(browser_client("/ereo.js"));
        }
    }
}

/// The front end, which is of another origin: another port is one.
fn front(api: String) -> impl HttpServiceFactory {
    let page = include_str!("page.html").replace("{{api}}", &api);
    web::resource("/").route(web::get().to(move || {
        let page = page.clone();
        async { HttpResponse::Ok().content_type("text/html; charset=utf-8").body(page) }
    }))
}

#[actix_web::main]
async fn main() -> std::io::Result<()> {
    ereo_examples::trace();
    let (port, front_port) =
        (ereo_examples::port()?, ereo_examples::number("FRONT")?.unwrap_or(8081));
    let origin = format!("http://127.0.0.1:{front_port}");
    let routes = ereo_runtime::routes()?;
    if ereo_examples::has_written_contract(&routes)? {
        return Ok(());
    }
    let serve = State::new().serve(routes);
    let (page_of, api) = (origin.clone(), format!("http://127.0.0.1:{port}"));
    tracing::info!("{origin}");
    let drain = Drain::within(Duration::from_secs(10));
    let realtime = ereo_examples::realtime(drain)
        .origins(format!("self, {origin}").parse().map_err(std::io::Error::other)?);
    let interface = HttpServer::new(move || {
        let cors = actix_cors::Cors::default()
            .allowed_origin(&page_of)
            .allow_any_method()
            .allow_any_header()
            .supports_credentials();
        App::new().wrap(cors).configure(serve.clone())
    })
    .workers(ereo_examples::workers()?)
    .realtime(realtime)
    .bind(("127.0.0.1", port))?
    .run();
    let pages = HttpServer::new(move || App::new().service(front(api.clone())))
        .workers(1)
        .disable_signals()
        .bind(("127.0.0.1", front_port))?
        .run();
    let stop = pages.handle();
    let pages = actix_web::rt::spawn(pages);
    let served = interface.await;
    stop.stop(true).await;
    pages.await.map_err(std::io::Error::other)??;
    served
}
