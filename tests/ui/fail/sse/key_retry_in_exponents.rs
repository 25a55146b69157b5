use ereo_runtime::prelude::*;

#[sse("/feed", retry = "1e3ms")]
async fn feed(set: Data<ClientSet<String>>, last: LastEventId) -> Subscription<String> {
    set.subscribe(last)
}

fn main() {}

// mend: "1e3ms" => "2s"
