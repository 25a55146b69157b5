use ereo_runtime::prelude::*;

#[sse("/api/news")]
async fn news(set: Data<ClientSet<String>>, last: LastEventId) -> Subscription<String> {
    set.subscribe(last)
}

#[actix_web::main]
async fn main() -> std::io::Result<()> {
    let (news, routes) = (Data::new(ClientSet::<String>::new()), ereo_runtime::routes()?);
    HttpServer::new(move || App::new().app_data(news.clone()).service(routes.clone()))
        .realtime(Drain::within(Duration::from_secs(10)))
        .bind(("127.0.0.1", 8080))?
        .run()
        .await
}
