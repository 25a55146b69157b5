use ereo_runtime::prelude::*;

#[derive(Clone, Serialize, Message)]
struct Line<'a> {
    text: &'a str,
}

#[sse("/feed")]
async fn feed(set: Data<ClientSet<Line<'_>>>, last: LastEventId) -> Subscription<Line<'_>> {
    let _ = (set, last);
    todo!()
}

fn main() {}
