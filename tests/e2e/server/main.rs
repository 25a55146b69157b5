//! The server of the end-to-end tests that no example would do for: short heartbeats, a stream that is
//! finished, a socket that goes on from a position, and routes for who has logged in, also on a page of the origin
//! `PAGES`. `PORT` says where.

mod ended;

use std::future::{Ready, ready};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use actix_cors::Cors;
use actix_web::dev::Payload;
use actix_web::error::ErrorUnauthorized;
use actix_web::http::header;
use actix_web::{FromRequest, HttpRequest, HttpResponse, get, post, web};
use ereo_runtime::prelude::*;
use ereo_runtime::{CloseCode, Delivery, Origins, Realtime, browser_client};
use futures_util::stream;

/// Every 50 ms one more.
#[derive(Clone, Serialize, Message)]
struct Count {
    n: u64,
}

type Counted = Data<AtomicU64>;

#[sse("/count", heartbeat = "500ms")]
async fn count(set: Data<ClientSet<Count>>, last: LastEventId) -> Subscription<Count> {
    set.subscribe(last)
}

#[loader("/count/now", live = count)]
async fn now(counted: Counted) -> Result<Count, actix_web::Error> {
    Ok(Count { n: counted.load(Ordering::Acquire) })
}

/// Twice as much, of which the page makes what it likes with each count.
#[loader("/count/twice", live = count)]
async fn twice(counted: Counted) -> Result<Count, actix_web::Error> {
    Ok(Count { n: 2 * counted.load(Ordering::Acquire) })
}

/// A page with the data of several loaders.
#[get("/several")]
async fn several(req: HttpRequest) -> actix_web::Result<HttpResponse> {
    let (now, twice) = (now::load(&req).await?, twice::load(&req).await?);
    let scripts = [now.script(), now.script_as("now"), twice.script_as("twice & \"quoted\"")];
    let html = format!("<!doctype html>{}", scripts.concat());
    Ok(HttpResponse::Ok().content_type("text/html; charset=utf-8").body(html))
}

/// Nothing but heartbeats, which are so far apart that a test can be faster.
#[sse("/silence", heartbeat = "15s")]
async fn silence() -> impl Stream<Item = Count> {
    stream::pending()
}

/// Three items, and the end; `/begun` says how often it was begun.
#[sse("/progress", retry = "100ms")]
async fn progress(begins: Data<Begun>) -> impl Stream<Item = Count> {
    begins.0.fetch_add(1, Ordering::Relaxed);
    stream::iter([10, 50, 100].map(|n| Count { n }))
}

#[derive(Default)]
struct Begun(AtomicU64);

#[get("/begun")]
async fn begun(begins: Data<Begun>) -> String {
    begins.0.load(Ordering::Relaxed).to_string()
}

#[derive(Serialize, Message)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Said {
    Count { id: Position, n: u64 },
    Heard { said: String },
    Missing,
}

#[derive(Deserialize)]
struct Says {
    say: String,
}

/// The counts with their positions, and what the client says.
#[websocket("/ws", ping = "500ms")]
async fn talk(
    mut socket: Socket<Says, Said>,
    set: Data<ClientSet<Count>>,
    last: LastEventId,
) -> Result<(), SocketError> {
    let mut counts = set.subscribe(last);
    loop {
        tokio::select! {
            delivery = counts.recv() => {
                let id = counts.position();
                let said = match delivery {
                    Some(Delivery::Message { message, .. }) => Said::Count { id, n: message.n },
                    Some(_) => Said::Missing,
                    None => return Ok(()),
                };
                socket.send(&said).await?;
            }
            says = socket.recv() => match says? {
                Some(Says { say }) => socket.send(&Said::Heard { said: say }).await?,
                None => return Ok(()),
            },
        }
    }
}

const COOKIE: &str = "user=ann";
const KICKED: CloseCode = CloseCode::new(4001).expect("a code of the application's");

/// Who has logged in, by the cookie.
struct User;

impl FromRequest for User {
    type Error = actix_web::Error;
    type Future = Ready<Result<Self, Self::Error>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        let sent = req.headers().get(header::COOKIE).is_some_and(|sent| sent == COOKIE);
        ready(sent.then_some(Self).ok_or_else(|| ErrorUnauthorized("log in")))
    }
}

#[post("/login")]
async fn login() -> HttpResponse {
    let cookie = format!("{COOKIE}; Path=/; HttpOnly; SameSite=Lax");
    HttpResponse::NoContent().insert_header((header::SET_COOKIE, cookie)).finish()
}

#[sse("/mine", heartbeat = "500ms")]
async fn mine(set: Data<ClientSet<Count>>, last: LastEventId, _: User) -> Subscription<Count> {
    set.subscribe(last)
}

#[loader("/mine/now", live = mine)]
async fn mine_now(counted: Counted, _: User) -> Result<Count, actix_web::Error> {
    Ok(Count { n: counted.load(Ordering::Acquire) })
}

#[derive(Deserialize)]
struct Question {
    every: u64,
}

/// Whose token begins with `user-`.
struct Bearer;

impl FromRequest for Bearer {
    type Error = actix_web::Error;
    type Future = Ready<Result<Self, Self::Error>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        let sent = req.headers().get(header::AUTHORIZATION).and_then(|sent| sent.to_str().ok());
        let known = sent.is_some_and(|sent| sent.starts_with("Bearer user-"));
        ready(known.then_some(Self).ok_or_else(|| ErrorUnauthorized("no token")))
    }
}

/// Every so many counts, for who asks with a token.
#[sse("/asked", method = "POST", heartbeat = "500ms", retry = "100ms")]
async fn asked(
    _who: Bearer,
    question: web::Json<Question>,
    set: Data<ClientSet<Count>>,
    last: LastEventId,
) -> Subscription<Count> {
    let every = question.every.max(1);
    set.subscribe(last).filter(move |count| count.n.is_multiple_of(every))
}

#[derive(Deserialize)]
struct Asks {
    id: u64,
    say: String,
}

#[derive(Serialize, Message)]
struct Answers {
    id: u64,
    heard: String,
}

/// Answers what it is asked, but for "kick".
#[websocket("/mine/ws", ping = "500ms")]
async fn my_talk(mut socket: Socket<Asks, Answers>, _: User) -> Result<(), SocketError> {
    while let Some(Asks { id, say }) = socket.recv().await? {
        if say == "kick" {
            socket.close(KICKED, "kicked").await;
            return Ok(());
        }
        socket.send(&Answers { id, heard: say }).await?;
    }
    Ok(())
}

#[get("/")]
async fn page() -> HttpResponse {
    HttpResponse::Ok().content_type("text/html; charset=utf-8").body("<!doctype html>")
}

#[actix_web::main]
async fn main() -> std::io::Result<()> {
    let port = std::env::var("PORT").map_err(std::io::Error::other)?;
    let port: u16 = port.parse().map_err(std::io::Error::other)?;
    let set = Data::new(ClientSet::<Count>::builder().history(1000).build());
    let (counted, begins) = (Counted::default(), Data::new(Begun::default()));
    let (counts, counter) = (Arc::clone(&set), Arc::clone(&counted));
    actix_web::rt::spawn(async move {
        loop {
            tokio::time::sleep(Duration::from_millis(50)).await;
            let n = counter.load(Ordering::Relaxed) + 1;
            // Counted before it is sent: a page may get a number twice, but never none of it.
            counter.store(n, Ordering::Release);
            counts.broadcast(&Count { n }).map_err(std::io::Error::other)?;
        }
        #[expect(unreachable_code, reason = "names the type of the error")]
        Ok::<_, std::io::Error>(())
    });
    // The origin whose pages may read what is below `/shared`.
    let pages = std::env::var("PAGES").unwrap_or_else(|_| "https://app.example".to_owned());
    let origins = format!("self, {pages}").parse::<Origins>().map_err(std::io::Error::other)?;
    let lean = std::env::var_os("LEAN").is_none_or(|lean| lean != "off");
    let routes = ereo_runtime::routes()?;
    HttpServer::new(move || {
        App::new()
            .app_data(set.clone())
            .app_data(counted.clone())
            .app_data(begins.clone())
            .service(
                web::scope("/shared")
                    .wrap(Cors::default().allowed_origin(&pages).supports_credentials())
                    .service(login)
                    .service(routes.clone()),
            )
            .service(routes.clone())
            .service(browser_client("/ereo.js"))
            .service(begun)
            .service(several)
            .service(ended::end)
            .service(page)
    })
    .workers(2)
    .realtime(
        Realtime::new(Drain::within(Duration::from_secs(10))).direct_writes(lean).origins(origins),
    )
    .bind(("127.0.0.1", port))?
    .run()
    .await
}
