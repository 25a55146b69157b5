mod one {
    use ereo_runtime::prelude::*;

    #[sse("/feed")]
    pub async fn feed() -> Subscription<String> {
        loop {}
    }
}

mod two {
    use ereo_runtime::prelude::*;

    #[sse("/feed")]
    pub async fn stream() -> Subscription<String> {
        loop {}
    }
}

fn main() {}
