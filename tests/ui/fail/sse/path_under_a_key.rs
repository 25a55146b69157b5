use ereo_runtime::prelude::*;

#[sse(path = "/feed", retry = "2s")]
async fn feed(set: Data<ClientSet<String>>, last: LastEventId) -> Subscription<String> {
    set.subscribe(last)
}

fn main() {}

// mend: path =  => 
