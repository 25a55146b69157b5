"""How long 100 `#[sse]` routes take to compile, beside the same routes written by hand for actix-web.

usage: bench/run compile

Both crates use the same dependencies, compiled before. Each figure is the median of interleaved rounds in which
only the crate itself is compiled anew: `cargo check`, and the release build with its link. The seconds are those of
the processor, which other work on the machine changes little.
"""

import os
import resource
import statistics
import subprocess
from pathlib import Path

ROUTES = 100
ROUNDS = 5
ROOT = Path(__file__).resolve().parent.parent
BENCH = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "compile-bench"

MANIFEST = """[package]
name = "{name}"
version = "0.0.0"
edition = "2024"

[dependencies]
actix-web = {{ version = "4.18", default-features = false, features = ["macros", "http2"] }}
ereo-runtime = {{ path = "{root}/ereo-runtime" }}
futures-util = "0.3"
tokio = {{ version = "1", features = ["sync", "time"] }}

[workspace]
"""

EREO_HEAD = """use ereo_runtime::prelude::*;
"""
EREO_ROUTE = """
#[sse("/feeds/{n}/{{id}}")]
async fn feed_{n}(id: u32, set: Data<ClientSet<String>>, last: LastEventId) -> Subscription<String> {{
    set.room(id).subscribe(last)
}}
"""
EREO_MAIN = """
#[actix_web::main]
async fn main() -> std::io::Result<()> {{
    let set = Data::new(ClientSet::<String>::new());
    let routes = ereo_runtime::routes()?;
    HttpServer::new(move || App::new().app_data(set.clone()).service(routes.clone()))
        .bind(("127.0.0.1", 0))?.run().await
}}
"""

# The same for the clients: rooms, positions, the headers and the heartbeat, in one place for all routes.
ACTIX_HEAD = """use std::collections::HashMap;
use std::future::{Ready, ready};
use std::sync::Mutex;
use std::time::Duration;

use actix_web::error::ErrorBadRequest;
use actix_web::http::header;
use actix_web::web::{Bytes, Data, Path};
use actix_web::{App, Error, FromRequest, HttpRequest, HttpResponse, HttpServer, dev, get};
use futures_util::{StreamExt as _, stream};
use tokio::sync::broadcast;

/// A channel a room, and the messages with their positions.
#[derive(Default)]
struct Feeds(Mutex<HashMap<u32, broadcast::Sender<(u64, String)>>>);

impl Feeds {
    fn subscribe(&self, room: u32) -> broadcast::Receiver<(u64, String)> {
        let mut rooms = self.0.lock().expect("no holder panics");
        rooms.entry(room).or_insert_with(|| broadcast::Sender::new(16)).subscribe()
    }
}

struct LastEventId(Option<u64>);

impl FromRequest for LastEventId {
    type Error = Error;
    type Future = Ready<Result<Self, Error>>;

    fn from_request(req: &HttpRequest, _: &mut dev::Payload) -> Self::Future {
        let header = req.headers().get("last-event-id");
        let text = header.map(|value| value.to_str().unwrap_or_default());
        let position = text.map(str::parse).transpose().map_err(ErrorBadRequest);
        ready(position.map(Self))
    }
}

fn events(receiver: broadcast::Receiver<(u64, String)>, last: LastEventId) -> HttpResponse {
    let first = stream::once(async { Ok(Bytes::from_static(b"retry: 1000\\n\\n")) });
    let rest = stream::unfold((receiver, last), |(mut receiver, last)| async move {
        loop {
            let block = match tokio::time::timeout(Duration::from_secs(15), receiver.recv()).await {
                Err(_) => ":\\n\\n".to_owned(),
                Ok(Ok((id, _))) if last.0.is_some_and(|last| id <= last) => continue,
                Ok(Ok((id, data))) => format!("id: {id}\\ndata: {data}\\n\\n"),
                Ok(Err(_)) => return None,
            };
            return Some((Ok::<_, Error>(Bytes::from(block)), (receiver, last)));
        }
    });
    HttpResponse::Ok()
        .content_type("text/event-stream")
        .insert_header((header::CACHE_CONTROL, "no-cache, no-transform"))
        .insert_header(("x-accel-buffering", "no"))
        .streaming(first.chain(rest))
}
"""
ACTIX_ROUTE = """
#[get("/feeds/{n}/{{id}}")]
async fn feed_{n}(id: Path<u32>, feeds: Data<Feeds>, last: LastEventId) -> HttpResponse {{
    events(feeds.subscribe(*id), last)
}}
"""
ACTIX_MAIN = """
#[actix_web::main]
async fn main() -> std::io::Result<()> {{
    let feeds = Data::new(Feeds::default());
    HttpServer::new(move || App::new().app_data(feeds.clone()){services})
        .bind(("127.0.0.1", 0))?.run().await
}}
"""


def write(name, head, route, main):
    folder = BENCH / name
    (folder / "src").mkdir(parents=True, exist_ok=True)
    (folder / "Cargo.toml").write_text(MANIFEST.format(name=name, root=ROOT))
    services = "".join(f".service(feed_{n})" for n in range(ROUTES))
    source = head + "".join(route.format(n=n) for n in range(ROUTES)) + main.format(services=services)
    (folder / "src" / "main.rs").write_text(source)
    return folder


def compile_anew(folder, command):
    main = folder / "src" / "main.rs"
    main.touch()
    env = dict(os.environ, CARGO_TARGET_DIR=str(BENCH / "target"), CARGO_INCREMENTAL="0")
    begin = processor_time()
    subprocess.run(["cargo", *command, "--quiet"], cwd=folder, env=env, check=True)
    return processor_time() - begin


def processor_time():
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def main():
    ereo = write("ereo-routes", EREO_HEAD, EREO_ROUTE, EREO_MAIN)
    actix = write("actix-routes", ACTIX_HEAD, ACTIX_ROUTE, ACTIX_MAIN)
    print(f"| {ROUTES} routes, seconds of the processor, medians of {ROUNDS} interleaved rounds | Ereo | by hand | ratio |")
    print("|---|---|---|---|")
    for command in (["check"], ["build", "--release"]):
        times = {ereo: [], actix: []}
        for folder in times:
            compile_anew(folder, command)  # the dependencies
        for _ in range(ROUNDS):
            for folder in times:
                times[folder].append(compile_anew(folder, command))
        medians = {folder: statistics.median(times[folder]) for folder in times}
        cells = [f"{medians[folder]:.2f} ({min(taken):.2f} to {max(taken):.2f})" for folder, taken in times.items()]
        print(f"| `cargo {' '.join(command)}` | {' | '.join(cells)} | {medians[ereo] / medians[actix]:.2f} |")


main()
