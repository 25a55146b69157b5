use ereo_runtime::prelude::*;

struct Page;

#[sse("/feed")]
async fn feed(_page: Query<Page>) -> Subscription<String> {
    loop {}
}

fn main() {}

// mend: struct Page => #[derive(Deserialize)]⏎struct Page
