mod one {
    use ereo_runtime::prelude::*;

    #[sse("/rooms/{room}")]
    pub async fn feed(room: String) -> Subscription<String> {
        drop(room);
        loop {}
    }
}

mod two {
    use ereo_runtime::prelude::*;

    #[sse("/rooms/{id}")]
    pub async fn stream(id: u32) -> Subscription<String> {
        drop(id);
        loop {}
    }
}

fn main() {}
