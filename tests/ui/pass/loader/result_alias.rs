//! `Result` by any path.

#![forbid(unsafe_code)]
#![deny(missing_docs, warnings)]

use std::io;

use ereo_runtime::prelude::*;

mod app {
    pub(crate) type Result<T> = std::result::Result<T, actix_web::Error>;
}

#[loader("/io")]
async fn of_io() -> io::Result<u8> {
    Ok(1)
}

#[loader("/app")]
async fn of_app() -> app::Result<Vec<u8>> {
    Ok(vec![2])
}

#[loader("/actix")]
async fn of_actix() -> actix_web::Result<Option<u8>> {
    Ok(None)
}

fn main() {
    assert_eq!((of_io::ROUTE, of_app::ROUTE, of_actix::ROUTE), ("/io", "/app", "/actix"));
}
