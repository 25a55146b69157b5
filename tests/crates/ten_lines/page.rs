//! The README's lines, with a page and somebody who says something: `POST /say` is broadcast. `PORT` says where.

use actix_web::{HttpResponse, web};
use ereo_runtime::browser_client;
use ereo_runtime::prelude::*;

/// As they stand in the README. The route is registered wherever it stands; `main` is this file's.
#[allow(dead_code)]
#[path = "src/main.rs"]
mod lines;

/// As it stands in the README, too.
mod one_of_each;

async fn page() -> HttpResponse {
    HttpResponse::Ok().content_type("text/html").body("<!doctype html><title>News</title>")
}

async fn say(text: String, news: Data<ClientSet<String>>) -> HttpResponse {
    match news.broadcast(&text) {
        Ok(_) => HttpResponse::Ok().finish(),
        Err(error) => HttpResponse::from_error(error),
    }
}

#[actix_web::main]
async fn main() -> std::io::Result<()> {
    let port = std::env::var("PORT").ok().and_then(|port| port.parse().ok()).unwrap_or(8080);
    let (news, routes) = (Data::new(ClientSet::<String>::new()), ereo_runtime::routes()?);
    let feed = Data::new(ClientSet::<one_of_each::Feed>::new());
    HttpServer::new(move || {
        App::new()
            .app_data(news.clone())
            .app_data(feed.clone())
            .service(routes.clone())
            .service(browser_client("/ereo.js"))
            .route("/", web::get().to(page))
            .route("/say", web::post().to(say))
    })
    .workers(1)
    .realtime(Drain::within(Duration::from_secs(10)))
    .bind(("127.0.0.1", port))?
    .run()
    .await
}
