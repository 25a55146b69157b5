use ereo_runtime::prelude::*;

#[sse("/feed")]
async fn feed() -> Subscription<Vec<u8>> {
    loop {}
}

fn main() {}

// mend: async fn feed() -> Subscription<Vec<u8>> => async fn feed() -> Subscription<Own>
// mend: #[sse => #[derive(Serialize, Message)]⏎struct Own(Vec<u8>);⏎⏎#[sse
