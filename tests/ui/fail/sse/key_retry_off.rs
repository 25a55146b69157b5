use ereo_runtime::prelude::*;

#[sse("/feed", retry = "off")]
async fn feed(set: Data<ClientSet<String>>, last: LastEventId) -> Subscription<String> {
    set.subscribe(last)
}

fn main() {}

// mend: "off" => "2s"
