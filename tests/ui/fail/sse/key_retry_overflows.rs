use ereo_runtime::prelude::*;

#[sse("/feed", retry = "99999999999999999999d")]
async fn feed(set: Data<ClientSet<String>>, last: LastEventId) -> Subscription<String> {
    set.subscribe(last)
}

fn main() {}

// mend: "99999999999999999999d" => "2s"
