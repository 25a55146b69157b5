use ereo_runtime::prelude::*;

#[sse("/feed")]
async fn feed(set: Data<ClientSet<String>>) -> Subscription<String>;

fn main() {}
