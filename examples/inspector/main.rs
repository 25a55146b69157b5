//! A busy little server, and what is live in it: `cargo run --example inspector`, then open
//! <http://localhost:8080/__ereo>.

use ereo_runtime::inspector::inspector;
use ereo_runtime::prelude::*;

/// Ten times a second one more.
#[derive(Clone, Serialize, Message, JsonSchema)]
struct Tick {
    number: u64,
}

/// What is said in a room.
#[derive(Clone, Serialize, Deserialize, Message, JsonSchema)]
struct Line {
    from: String,
    text: String,
}

#[sse("/ticks")]
async fn ticks(set: Data<ClientSet<Tick>>, last: LastEventId) -> Subscription<Tick> {
    set.subscribe(last)
}

#[loader("/ticks/now", live = ticks)]
async fn now(set: Data<ClientSet<Tick>>) -> Tick {
    Tick { number: set.position().offset() }
}

#[sse("/rooms/{room}/feed")]
async fn feed(room: String, set: Data<ClientSet<Line>>, last: LastEventId) -> Subscription<Line> {
    set.room(room).subscribe(last)
}

#[websocket("/rooms/{room}")]
async fn talk(
    room: String,
    mut socket: Socket<Line, Line>,
    set: Data<ClientSet<Line>>,
) -> Result<(), SocketError> {
    let seat = set.room(&room).join(&socket)?;
    while let Some(line) = socket.recv().await? {
        seat.broadcast(&line)?;
    }
    Ok(())
}

async fn tick(set: Data<ClientSet<Tick>>) {
    let mut every = actix_web::rt::time::interval(Duration::from_millis(100));
    for number in 1.. {
        every.tick().await;
        if let Err(error) = set.broadcast(&Tick { number }) {
            tracing::error!(%error, "a tick was not sent");
        }
    }
}

#[actix_web::main]
async fn main() -> std::io::Result<()> {
    ereo_examples::trace();
    let (set, lines) = (Data::new(ClientSet::<Tick>::new()), Data::new(ClientSet::<Line>::new()));
    actix_web::rt::spawn(tick(set.clone()));
    let routes = ereo_runtime::routes()?;
    let address = ("127.0.0.1", ereo_examples::port()?);
    tracing::info!("http://localhost:{}/__ereo", address.1);
    HttpServer::new(move || {
        App::new()
            .app_data(set.clone())
            .app_data(lines.clone())
            .service(inspector("/__ereo"))
            .service(routes.clone())
    })
    .workers(ereo_examples::workers()?)
    .realtime(ereo_examples::realtime(Drain::within(Duration::from_secs(10))))
    .bind(address)?
    .run()
    .await
}
