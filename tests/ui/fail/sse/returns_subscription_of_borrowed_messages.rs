use ereo_runtime::prelude::*;

#[sse("/feed")]
async fn feed<'a>(set: Data<ClientSet<&'a str>>, last: LastEventId) -> Subscription<&'a str> {
    let _ = (set, last);
    todo!()
}

fn main() {}
