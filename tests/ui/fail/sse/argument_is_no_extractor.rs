use ereo_runtime::prelude::*;
use futures_util::stream;

struct Page;

#[sse("/feed")]
async fn feed(page: Page) -> impl Stream<Item = String> {
    let _ = page;
    stream::empty()
}

fn main() {}

// mend: page: Page => page: Query<Page>
// mend: struct Page => #[derive(serde::Deserialize)]⏎struct Page
