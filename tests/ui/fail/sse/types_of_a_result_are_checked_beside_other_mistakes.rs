use ereo_runtime::prelude::*;

struct NoParameter;
struct NoAnswer;

#[sse("/feed/{id}", rety = "2s")]
async fn feed(id: NoParameter, set: Data<ClientSet<String>>, last: LastEventId) -> Result<Subscription<String>, NoAnswer> {
    let _ = id;
    Ok(set.subscribe(last))
}

fn main() {}
