//! Requests, loaders and cookies.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest, HttpResponse, Responder, error, get, post};
use ereo_runtime::prelude::*;
use ereo_runtime::test;
use serde_json::json;

use crate::{Line, Lines, everywhere, in_process, line};

#[derive(Deserialize)]
pub struct Login {
    user: String,
    password: String,
}

#[post("/login")]
pub async fn login(form: actix_web::web::Form<Login>) -> impl Responder {
    if form.password != "secret & safe" {
        return HttpResponse::Unauthorized().body("no");
    }
    let cookie = format!("session={}; Path=/; HttpOnly", form.user);
    HttpResponse::SeeOther().insert_header(("set-cookie", cookie)).finish()
}

/// Answers after 6 seconds.
#[get("/slow")]
pub async fn slow() -> &'static str {
    tokio::time::sleep(Duration::from_secs(6)).await;
    "at last"
}

/// Whoever the cookie names.
struct User(String);

impl FromRequest for User {
    type Error = actix_web::Error;
    type Future = Ready<Result<Self, Self::Error>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        let cookies = req.headers().get("cookie").and_then(|it| it.to_str().ok());
        let user = cookies.and_then(|it| it.split("; ").find_map(|it| it.strip_prefix("session=")));
        ready(
            user.map(|user| Self(user.to_owned())).ok_or_else(|| error::ErrorUnauthorized("who?")),
        )
    }
}

#[sse("/mine/feed")]
async fn mine(user: User, lines: Lines, last: LastEventId) -> Subscription<Line> {
    lines.room(user.0).subscribe(last)
}

#[loader("/mine/data", live = mine)]
async fn first(user: User) -> Line {
    line(&user.0)
}

#[websocket("/mine/ws")]
async fn talk(user: User, mut socket: Socket<String, String>) -> Result<(), SocketError> {
    socket.send(&user.0).await?;
    socket.recv().await?;
    Ok(())
}

#[test]
fn a_login_is_kept_and_is_this_clients_alone() {
    everywhere(async |app, lines| {
        let wrong = app.post("/login").form(&json!({ "user": "ann", "password": "x" })).await;
        assert_eq!((wrong.status(), wrong.text().as_str()), (401, "no"));
        assert_eq!(app.events(mine::path()).await.unwrap_err().status(), 401);

        let form = json!({ "user": "ann", "password": "secret & safe" });
        assert_eq!(app.login("/login", &form).await.status(), 303);
        let loaded = app.load::<Line>(first::path()).await.unwrap();
        assert_eq!(loaded.data, line("ann"));
        lines.room("ann").broadcast(&line("hi")).unwrap();
        let mut feed = app.events(mine::path()).after(loaded.position).await.unwrap();
        assert_eq!(feed.next::<Line>().await.data, line("hi"));

        let stranger = app.visitor();
        let refused = stranger.load::<Line>(first::path()).await.unwrap_err();
        assert_eq!((refused.status(), refused.text().as_str()), (401, "who?"));
        let bob = stranger.with_header("cookie", "session=bob");
        assert_eq!(bob.load::<Line>(first::path()).await.unwrap().data, line("bob"));
    });
}

#[ereo_runtime::test]
async fn sockets_send_the_cookies_too() {
    let app = in_process(&Data::new(ClientSet::new())).await;
    assert_eq!(app.socket(talk::path()).await.unwrap_err().status(), 401);
    app.login("/login", &json!({ "user": "ann", "password": "secret & safe" })).await;
    let mut ann = app.socket(talk::path()).await.unwrap();
    assert_eq!(ann.next::<String>().await, "ann");
}

#[ereo_runtime::test]
async fn a_patient_client_waits_longer() {
    let app = in_process(&Data::new(ClientSet::new())).await;
    let patient = app.clone().with_patience(Duration::from_secs(7));
    assert_eq!(patient.get("/slow").await.expect_success().text(), "at last");
    assert_eq!(app.request("DELETE", mine::path()).await.status(), 405);
}

#[ereo_runtime::test]
async fn limits_hold_in_process() {
    let lines = Data::new(ClientSet::<Line>::new());
    let app = test::app(App::new().configure(crate::configured(&lines)));
    let drain = Drain::within(Duration::from_secs(10));
    let app = app.realtime(Realtime::new(drain).limits(Limits::new().per_address(1))).await;
    let app = app.with_header("cookie", "session=ann");
    let first = app.events(mine::path()).await.unwrap();
    let refused = app.events(mine::path()).await.unwrap_err();
    assert_eq!(refused.status(), 429);
    assert!(refused.header("retry-after").is_some(), "{refused:?}");
    first.close().await;
    app.events(mine::path()).await.unwrap();
}
