use ereo_runtime::prelude::*;

mod feeds {
    use ereo_runtime::prelude::*;

    #[sse("/stats-stream")]
    async fn stats_stream(set: Data<ClientSet<String>>, last: LastEventId) -> Subscription<String> {
        set.subscribe(last)
    }
}

#[loader("/stats", live = feeds::stats_stream)]
async fn stats() -> String {
    String::new()
}

fn main() {}
