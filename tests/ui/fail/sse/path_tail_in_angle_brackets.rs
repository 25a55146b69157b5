use ereo_runtime::prelude::*;

#[sse("/files/<path..>")]
async fn files(path: String, set: Data<ClientSet<String>>, last: LastEventId) -> Subscription<String> {
    set.room(path).subscribe(last)
}

fn main() {}

// mend: <path..> => {path}*
