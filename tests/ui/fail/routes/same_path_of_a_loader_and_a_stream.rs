

mod one {
    use ereo_runtime::prelude::*;

    #[sse("/feed")]
    pub async fn feed() -> Subscription<u32> {
        loop {}
    }
}

mod two {
    use ereo_runtime::prelude::*;

    #[loader("/feed")]
    pub async fn data() -> u32 {
        loop {}
    }
}

fn main() {}
