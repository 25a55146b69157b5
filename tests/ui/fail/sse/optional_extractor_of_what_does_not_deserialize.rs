use ereo_runtime::prelude::*;

struct Page;

#[sse("/feed")]
async fn feed(_page: Option<Query<Page>>) -> Subscription<String> {
    loop {}
}

fn main() {}
