use ereo_runtime::prelude::*;

#[sse("/feed")]
async unsafe extern "C" fn feed(set: Data<ClientSet<String>>, last: LastEventId) -> Subscription<String> {
    set.subscribe(last)
}

fn main() {}

// mend: unsafe extern "C"  => 
