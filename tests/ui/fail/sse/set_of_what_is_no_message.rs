use ereo_runtime::prelude::*;

#[derive(Clone)]
struct Plain {
    text: String,
}

#[sse("/rooms/{room}")]
async fn feed(room: String, set: Data<ClientSet<Plain>>, last: LastEventId) -> Subscription<Plain> {
    set.room(room).subscribe(last)
}

fn main() {
    let _ = Plain { text: String::new() }.text;
}

// mend: #[derive(Clone)] => #[derive(Clone, Serialize, Message)]
