

mod one {
    use ereo_runtime::prelude::*;

    #[sse("/feed", group = "v2")]
    pub async fn feed() -> Subscription<u32> {
        loop {}
    }
}

mod two {
    use ereo_runtime::prelude::*;

    #[sse("/feed", group = "v2")]
    pub async fn stream() -> Subscription<u32> {
        loop {}
    }
}

fn main() {}
