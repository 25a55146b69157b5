//! Under `middleware::Compress`, which every server here runs, events are neither delayed nor
//! compressed.

use actix_web::HttpResponse;
use actix_web::web::{self, Data};
use ereo_runtime::{ClientSet, LastEventId, Subscription, sse};

use crate::support::{Client, serve};

#[sse("/compress/feed")]
async fn feed(set: Data<ClientSet<String>>, last: LastEventId) -> Subscription<String> {
    set.subscribe(last)
}

#[test]
fn events_come_at_once_and_as_they_are() {
    let set = ClientSet::new();
    let data = Data::new(set.clone());
    let server = serve(move |app| {
        let text = || async { HttpResponse::Ok().body("compress me ".repeat(1000)) };
        app.app_data(data.clone())
            .service(ereo_runtime::routes().unwrap().only(module_path!()))
            .route("/text", web::get().to(text));
    });
    let accepting = "accept-encoding: gzip, deflate\r\n";
    let other = Client::get_with(server.address, "/text", accepting);
    assert_eq!(other.header("content-encoding"), Some("gzip"), "the middleware is at work");

    let mut client = Client::get_with(server.address, "/compress/feed", accepting);
    client.read_until(|client| !client.events.last_event_id.is_empty());
    for n in 0..3 {
        // Each is read before the next is sent: nothing waits for more.
        set.broadcast(&format!("event {n}")).unwrap();
        assert_eq!(client.data(), format!("event {n}"));
    }
    assert!(matches!(client.header("content-encoding"), None | Some("identity")));
}
