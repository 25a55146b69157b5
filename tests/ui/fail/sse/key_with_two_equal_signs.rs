use ereo_runtime::prelude::*;

#[sse("/feed", retry == "2s")]
async fn feed(set: Data<ClientSet<String>>, last: LastEventId) -> Subscription<String> {
    set.subscribe(last)
}

fn main() {}

// mend: = "2s" => "2s"
