use ereo_runtime::prelude::*;

#[sse("/notes")]
async fn notes(set: Data<ClientSet<String>>, last: LastEventId) -> Subscription<String> {
    set.subscribe(last)
}

#[loader("/notes/first", live = notes, changes = true)]
async fn first() -> Vec<String> {
    Vec::new()
}

#[loader("/notes/second", live = notes, changes(String))]
async fn second() -> Vec<String> {
    Vec::new()
}

fn main() {}
// mend: changes = true => changes
// mend: changes(String) => changes
