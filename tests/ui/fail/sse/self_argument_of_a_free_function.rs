use ereo_runtime::prelude::*;

#[sse("/feed")]
async fn feed(&self) -> Subscription<String> {
    self.set.subscribe(None)
}

fn main() {}
