use ereo_runtime::prelude::*;

#[sse("/notes")]
async fn notes(set: Data<ClientSet<String>>, last: LastEventId) -> Subscription<String> {
    set.subscribe(last)
}

#[loader("/notes/first", live = notes, changed)]
async fn first() -> Vec<String> {
    Vec::new()
}

fn main() {}
