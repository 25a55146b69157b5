//! Extractors with generic arguments, nested ones and of several arguments.

#![forbid(unsafe_code)]
#![deny(missing_docs, warnings)]

use std::collections::HashMap;
use std::sync::Mutex;

use actix_web::Either;
use ereo_runtime::prelude::*;
use futures_util::stream;

type Shared<T> = Data<Mutex<Vec<T>>>;

#[sse("/feed")]
async fn feed(
    shared: Shared<u8>,
    query: Option<Query<HashMap<String, Vec<u8>>>>,
    either: Either<Data<u8>, Result<Data<u16>, actix_web::Error>>,
    several: (Option<Data<u8>>, Option<Data<u16>>),
) -> impl Stream<Item = String> {
    drop((shared, query, either, several));
    stream::empty()
}

fn main() {
    assert_eq!(feed::ROUTE, "/feed");
}
