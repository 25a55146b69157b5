use ereo_runtime::prelude::*;

struct Plain;

#[sse("/feed")]
async fn feed(
    set: Data<ClientSet<String>>,
    everybody: Data<ClientSet<Plain>>,
    last: LastEventId,
) -> Result<Subscription<String>, ereo_runtime::EncodeError> {
    set.subscribe(last).as_member_of(&everybody, "ann", "online")
}

fn main() {
    let _ = Plain;
}

// mend: struct Plain; => #[derive(Serialize, Message)]⏎struct Plain;
