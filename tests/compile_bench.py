"""How long 100 `#[sse]` routes take to compile, beside the same routes written by hand for actix-web.

usage: tests/run --bench-compile

Both crates use the same dependencies, compiled before. Each figure is the median of interleaved rounds in which
only the crate itself is compiled anew: `cargo check`, and the release build with its link.
"""

import os
import statistics
import subprocess
import time
from pathlib import Path

ROUTES = 100
ROUNDS = 3
ROOT = Path(__file__).resolve().parent.parent
BENCH = ROOT / "target" / "compile-bench"

MANIFEST = """[package]
name = "{name}"
version = "0.0.0"
edition = "2024"

[dependencies]
actix-web = {{ version = "4.18", default-features = false, features = ["macros", "http2"] }}
ereo-runtime = {{ path = "{root}/ereo-runtime" }}
futures-util = "0.3"
tokio = {{ version = "1", features = ["sync"] }}

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

ACTIX_HEAD = """use actix_web::web::{Bytes, Data, Path};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, get};
use futures_util::stream;
use tokio::sync::broadcast::{Receiver, Sender};

fn events(receiver: Receiver<String>) -> impl stream::Stream<Item = Result<Bytes, actix_web::Error>> {
    stream::unfold(receiver, |mut receiver| async move {
        let data = receiver.recv().await.ok()?;
        Some((Ok(Bytes::from(format!("data: {data}\\n\\n"))), receiver))
    })
}
"""
ACTIX_ROUTE = """
#[get("/feeds/{n}/{{id}}")]
async fn feed_{n}(id: Path<u32>, set: Data<Sender<String>>, req: HttpRequest) -> HttpResponse {{
    let _ = (id, req.headers().get("last-event-id"));
    HttpResponse::Ok().content_type("text/event-stream").streaming(events(set.subscribe()))
}}
"""
ACTIX_MAIN = """
#[actix_web::main]
async fn main() -> std::io::Result<()> {{
    let set = Data::new(Sender::<String>::new(16));
    HttpServer::new(move || App::new().app_data(set.clone()){services})
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
    begin = time.monotonic()
    subprocess.run(["cargo", *command, "--quiet"], cwd=folder, env=env, check=True)
    return time.monotonic() - begin


def main():
    ereo = write("ereo-routes", EREO_HEAD, EREO_ROUTE, EREO_MAIN)
    actix = write("actix-routes", ACTIX_HEAD, ACTIX_ROUTE, ACTIX_MAIN)
    print(f"{ROUTES} routes, seconds, median of {ROUNDS} interleaved rounds (min to max)")
    for command in (["check"], ["build", "--release"]):
        times = {ereo: [], actix: []}
        for folder in times:
            compile_anew(folder, command)  # the dependencies
        for _ in range(ROUNDS):
            for folder in times:
                times[folder].append(compile_anew(folder, command))
        medians = {folder: statistics.median(times[folder]) for folder in times}
        for folder, taken in times.items():
            print(f"  cargo {' '.join(command)}: {folder.name} {medians[folder]:.2f} ({min(taken):.2f} to {max(taken):.2f})")
        print(f"  ratio {medians[ereo] / medians[actix]:.2f}")


main()
