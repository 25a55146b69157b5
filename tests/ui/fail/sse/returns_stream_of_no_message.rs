use ereo_runtime::prelude::*;
use futures_util::stream;

struct Plain;

#[sse("/feed")]
async fn feed() -> impl Stream<Item = Plain> {
    stream::empty()
}

fn main() {}

// mend: struct Plain => #[derive(serde::Serialize, ereo_runtime::Message)]⏎struct Plain
