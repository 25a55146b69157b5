use ereo_runtime::prelude::*;

#[sse("/feed", retry = "")]
async fn feed(set: Data<ClientSet<String>>, last: LastEventId) -> Subscription<String> {
    set.subscribe(last)
}

fn main() {}

// mend: "" => "2s"
