use ereo_runtime::prelude::*;
use futures_util::stream::{self, Stream};

#[sse("/feed")]
async fn feed(text: &str) -> impl Stream<Item = String> + '_ {
    stream::iter([text.to_owned()])
}

fn main() {}

// mend:  + '_ => 
// mend: text: &str => text: String
// mend: "/feed" => "/feed/{text}"
