use ereo_runtime::prelude::*;

#[sse("/rooms/{self}")]
async fn feed(set: Data<ClientSet<String>>, last: LastEventId) -> Subscription<String> {
    set.subscribe(last)
}

fn main() {}

// mend: {self} => {self_}
// mend: feed( => feed(self_: String, 
