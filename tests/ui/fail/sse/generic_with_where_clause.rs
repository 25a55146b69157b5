use ereo_runtime::prelude::*;

#[sse("/feed")]
async fn feed<T>(set: Data<ClientSet<T>>, last: LastEventId) -> Subscription<T>
where
    T: Message + 'static,
{
    let _ = (set, last);
    todo!()
}

fn main() {}
