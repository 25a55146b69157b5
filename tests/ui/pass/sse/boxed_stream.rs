//! A boxed stream, and one behind a type alias.

#![forbid(unsafe_code)]
#![deny(missing_docs, warnings)]

use std::pin::Pin;

use ereo_runtime::prelude::*;
use futures_util::stream;

type Lines = Pin<Box<dyn Stream<Item = String>>>;

#[sse("/lines")]
async fn lines() -> Lines {
    Box::pin(stream::empty())
}

type Outcome<T> = Result<T, actix_web::Error>;

#[sse("/outcome")]
async fn outcome() -> Outcome<Lines> {
    Ok(Box::pin(stream::empty()))
}

fn main() {
    assert_eq!((lines::ROUTE, outcome::ROUTE), ("/lines", "/outcome"));
}
