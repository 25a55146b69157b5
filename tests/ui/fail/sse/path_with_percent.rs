use ereo_runtime::prelude::*;

#[sse("/50%/off")]
async fn feed(set: Data<ClientSet<String>>, last: LastEventId) -> Subscription<String> {
    set.subscribe(last)
}

fn main() {}

// mend: /50%/ => /50%25/
