use ereo_runtime::prelude::*;

struct RoomId;

#[sse("/rooms/{room}")]
async fn feed(rom: RoomId, set: Data<ClientSet<String>>, last: LastEventId) -> Subscription<String> {
    let _ = rom;
    set.subscribe(last)
}

fn main() {}

// mend: rom:  => room: 
// mend: = rom => = room
// mend: struct RoomId; => #[derive(Deserialize)]⏎struct RoomId;
