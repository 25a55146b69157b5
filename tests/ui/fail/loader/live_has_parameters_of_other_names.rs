use ereo_runtime::prelude::*;

#[sse("/{room}/stream")]
async fn stats_stream(room: u32, set: Data<ClientSet<String>>, last: LastEventId) -> Subscription<String> {
    set.room(room).subscribe(last)
}

#[loader("/{id}/{day:[0-9]{2}}", live = stats_stream)]
async fn stats(id: u32, day: u32) -> String {
    format!("{id} {day}")
}

fn main() {}
