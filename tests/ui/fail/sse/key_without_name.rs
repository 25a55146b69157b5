use ereo_runtime::prelude::*;

#[sse("/feed", = "2s")]
async fn feed(set: Data<ClientSet<String>>, last: LastEventId) -> Subscription<String> {
    set.subscribe(last)
}

fn main() {}

// mend: , =  => , retry = 
