use ereo_runtime::prelude::*;

#[sse("/feed", retry = "99999999999999999999s")]
async fn feed(set: Data<ClientSet<String>>, last: LastEventId) -> Subscription<String> {
    set.subscribe(last)
}

fn main() {}

// mend: "99999999999999999999s" => "2s"
