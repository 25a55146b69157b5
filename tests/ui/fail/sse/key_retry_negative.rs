use ereo_runtime::prelude::*;

#[sse("/feed", retry = "-1s")]
async fn feed(set: Data<ClientSet<String>>, last: LastEventId) -> Subscription<String> {
    set.subscribe(last)
}

fn main() {}

// mend: "-1s" => "2s"
