//! A server of rooms, for event streams and sockets. It says its port on standard output.
//!
//! | variable | what |
//! |---|---|
//! | `WORKERS` | threads that serve; 1 |
//! | `HISTORY`, `MAX_AGE_S` | what a room keeps: messages, and seconds; 256 and 5 |
//! | `TICK_MS` | broadcasts numbers to the room `ticks`, so many milliseconds apart |
//! | `LIFE` | what it broadcasts is this name and a number from 1, the last of which it says on standard output at its end |
//! | `MAX_BYTES` | what a room keeps; 1 MiB |
//! | `STORE` | `sqlite:rooms.db`: keeps the rooms in that file; `redis://..`: there |
//! | `OBSERVED` | collects metrics and traces, as in production |

use std::cell::Cell;
use std::io::Write as _;
use std::rc::Rc;

use actix_web::web::{Json, Path};
use actix_web::{HttpResponse, Responder, get, post};
use ereo_runtime::prelude::*;
use ereo_runtime::{DrainHandle, PresenceEvents, Redis, Sqlite};
use metrics_exporter_prometheus::PrometheusBuilder;
use serde_json::json;

use crate::Result;

type Rooms = Data<ClientSet<String>>;

#[sse("/feed/{room}", retry = "50ms", heartbeat = "2s")]
async fn feed(room: String, rooms: Rooms, last: LastEventId) -> Subscription<String> {
    rooms.room(room).subscribe(last)
}

/// What a handler panics with.
struct OnPurpose;

/// Tells the others of its room what it is told.
struct Talker {
    seat: Seat<String>,
}

#[websocket("/ws/{room}", ping = "2s", idle = "5s", max_message = "1MiB")]
impl Talker {
    async fn open(
        room: String,
        connection: Connection<String>,
        rooms: Rooms,
    ) -> std::result::Result<Self, RoomFull> {
        Ok(Self { seat: rooms.room(room).join(&connection)? })
    }

    async fn message(&mut self, message: String) -> Result<(), SocketError> {
        if message == "panic" {
            std::panic::panic_any(OnPurpose);
        }
        self.seat.broadcast_others(&message)?;
        Ok(())
    }
}

/// A member of its room, with what it said last for those who ask who is there.
struct Present {
    seat: Seat<String>,
}

#[websocket("/present/{room}/{member}", ping = "2s", idle = "5s")]
impl Present {
    async fn open(
        room: String,
        member: String,
        connection: Connection<String>,
        rooms: Rooms,
    ) -> std::result::Result<Self, actix_web::Error> {
        let seat = rooms.room(room).join(&connection)?.as_member(member, "here")?;
        Ok(Self { seat })
    }

    async fn message(&mut self, info: String) -> Result<(), SocketError> {
        self.seat.set_info(&info)?;
        Ok(())
    }
}

/// Who is there.
#[sse("/news/{room}", heartbeat = "2s")]
async fn news(room: String, rooms: Rooms) -> PresenceEvents {
    rooms.room(room).presence()
}

/// Broadcasts the body to the room.
#[post("/publish/{room}")]
async fn publish(room: Path<String>, text: String, rooms: Rooms) -> impl Responder {
    match rooms.room(room.as_str()).broadcast(&text) {
        Ok(receipt) => match receipt.await {
            Ok(position) => HttpResponse::Ok().body(position.to_string()),
            Err(error) => HttpResponse::ServiceUnavailable().body(error.to_string()),
        },
        Err(error) => HttpResponse::PayloadTooLarge().body(error.to_string()),
    }
}

/// What there is of everything that comes and goes.
#[get("/state/{room}")]
async fn state(room: Path<String>, rooms: Rooms, drain: Data<DrainHandle>) -> impl Responder {
    let stats = rooms.room(room.as_str()).stats();
    Json(json!({
        "open": drain.open_connections(),
        "rooms": rooms.rooms(),
        "clients": stats.clients,
        "lagged": stats.lagged,
    }))
}

/// Serves until SIGTERM.
///
/// # Errors
/// When a variable is no number, or there is no port.
pub async fn serve() -> Result<()> {
    report_only_what_was_not_meant();
    if std::env::var_os("OBSERVED").is_some() {
        observe()?;
    }
    let mut rooms = ClientSet::<String>::builder()
        .history(usize::try_from(number("HISTORY")?.unwrap_or(256))?)
        .max_bytes(usize::try_from(number("MAX_BYTES")?.unwrap_or(1 << 20))?)
        // What an attack may take in all is some times that.
        .max_rooms(5_000)
        .max_room_bytes(32 << 20)
        .max_age(Duration::from_secs(number("MAX_AGE_S")?.unwrap_or(5)));
    if let Ok(store) = std::env::var("STORE") {
        rooms = match store.strip_prefix("sqlite:") {
            Some(path) => rooms.store(Sqlite::open(path)?.log("rooms")),
            None => rooms.store(Redis::connect(store).await?.log("rooms")),
        };
    }
    let rooms = rooms.build();
    let (life, last) = (std::env::var("LIFE").ok(), Rc::new(Cell::new(0)));
    if let Some(milliseconds) = number("TICK_MS")? {
        let (room, every) = (rooms.room("ticks"), Duration::from_millis(milliseconds));
        actix_web::rt::spawn(tick(room, every, life.clone(), Rc::clone(&last)));
    }
    let drain = Drain::within(Duration::from_secs(4)).spread(Duration::from_millis(200));
    let (rooms, routes) = (Data::new(rooms), ereo_runtime::routes()?);
    let handle = Data::new(drain.handle());
    let server = HttpServer::new(move || {
        App::new()
            .app_data(rooms.clone())
            .app_data(handle.clone())
            .service((publish, state))
            // For a balancer.
            .route("/ready", actix_web::web::get().to(ereo_runtime::ready))
            .service(routes.clone())
    })
    .workers(usize::try_from(number("WORKERS")?.unwrap_or(1))?)
    .realtime(drain)
    .bind(("127.0.0.1", 0))?;
    println!("{}", server.addrs()[0].port());
    std::io::stdout().flush()?;
    server.run().await?;
    if life.is_some() {
        println!("{}", last.get());
    }
    Ok(())
}

/// Broadcasts 1, 2, 3 and so on, as long as the process lives; behind the name of this life, or from where the store has the
/// room.
async fn tick(room: ClientSet<String>, every: Duration, life: Option<String>, last: Rc<Cell<u64>>) {
    let mut reader = room.subscribe(LastEventId::none());
    reader.opened().await;
    let first = if life.is_some() { 1 } else { reader.position().offset() + 1 };
    drop(reader);
    let name = life.map_or_else(String::new, |life| format!("{life} "));
    for number in first.. {
        room.broadcast(&format!("{name}{number}")).expect("a number can be sent");
        last.set(number);
        actix_web::rt::time::sleep(every).await;
    }
}

/// Panics that clients ask for are not worth thousands of backtraces.
fn report_only_what_was_not_meant() {
    let report = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        if !panic.payload().is::<OnPurpose>() {
            report(panic);
        }
    }));
}

/// As in production, but that nobody reads the lines.
fn observe() -> Result<()> {
    PrometheusBuilder::new().install_recorder()?;
    let subscriber = tracing_subscriber::fmt().with_writer(std::io::sink);
    subscriber.with_max_level(tracing_subscriber::filter::LevelFilter::INFO).init();
    Ok(())
}

fn number(variable: &str) -> Result<Option<u64>> {
    std::env::var(variable).ok().map(|text| Ok(text.parse()?)).transpose()
}
