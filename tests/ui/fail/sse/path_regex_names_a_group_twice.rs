use ereo_runtime::prelude::*;

#[sse("/rooms/{id:(?P<id>a)}")]
async fn feed(id: String, set: Data<ClientSet<String>>, last: LastEventId) -> Subscription<String> {
    set.subscribe(last)
}

fn main() {}

// mend: (?P<id>a) => (?:a)
