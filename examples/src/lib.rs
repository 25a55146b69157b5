//! What the examples share: `cargo run --example NAME`, with `PORT` (8080), `WORKERS` (cores) and
//! `CONNECTIONS` (25,000) from the environment, bound to 127.0.0.1. `CONTRACT=web/ereo.gen.ts` writes the
//! contract and serves nothing.

use std::str::FromStr;

use ereo_runtime::contract::Info;
use ereo_runtime::{Drain, Realtime, Routes};

/// A number from the environment.
///
/// # Errors
/// When the variable is set to something else.
pub fn number<T: FromStr>(variable: &str) -> std::io::Result<Option<T>> {
    let Ok(text) = std::env::var(variable) else { return Ok(None) };
    let wrong = || std::io::Error::other(format!("{variable}={text} is not a number"));
    text.parse().map(Some).map_err(|_| wrong())
}

/// `PORT`, or 8080.
///
/// # Errors
/// When it is set to something else than a port.
pub fn port() -> std::io::Result<u16> {
    Ok(number("PORT")?.unwrap_or(8080))
}

/// `WORKERS`, or one a core.
///
/// # Errors
/// When it is set to something else than a number from 1.
pub fn workers() -> std::io::Result<usize> {
    let cores = || std::thread::available_parallelism().map_or(1, usize::from);
    match number("WORKERS")? {
        Some(0) => Err(std::io::Error::other("WORKERS=0: at least one is needed")),
        workers => Ok(workers.unwrap_or_else(cores)),
    }
}

/// `CONNECTIONS`, or as many as actix's default: how many each worker leaves to actix at a time. Streams on the
/// lean path are none of them, so that few are enough where nothing else is served; see
/// [`Realtime::direct_writes`].
///
/// # Errors
/// When it is set to something else than a number from 1.
pub fn connections() -> std::io::Result<usize> {
    match number("CONNECTIONS")? {
        Some(0) => Err(std::io::Error::other("CONNECTIONS=0: at least one is needed")),
        connections => Ok(connections.unwrap_or(25_000)),
    }
}

/// Writes the routes' contract to the file that `CONTRACT` names, if it is set: TypeScript into a `.ts`, AsyncAPI
/// or OpenAPI into a `.json`. That is then all that was asked for.
///
/// # Errors
/// When the file cannot be written, or a type is not known.
pub fn has_written_contract(routes: &Routes) -> std::io::Result<bool> {
    let Some(path) = std::env::var_os("CONTRACT") else { return Ok(false) };
    let info = Info::new("An example of Ereo", env!("CARGO_PKG_VERSION"))
        .description("What the example's routes send and take.")
        .server(format!("http://127.0.0.1:{}", port()?));
    routes.contract().strict().info(info).write(path)?;
    Ok(true)
}

/// The server's manner with long connections. `LEAN=off` keeps them in actix's dispatcher, which is
/// for tests and benchmarks of both paths.
pub fn realtime(drain: Drain) -> Realtime {
    Realtime::new(drain).direct_writes(std::env::var_os("LEAN").is_none_or(|lean| lean != "off"))
}

/// Traces to standard error; `RUST_LOG` chooses what, by default all that is worth a line.
pub fn trace() {
    use tracing_subscriber::EnvFilter;
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
}
