mod one {
    use ereo_runtime::prelude::*;

    #[sse("/feed")]
    pub async fn feed() -> Subscription<String> {
        loop {}
    }
}

mod two {
    use ereo_runtime::prelude::*;

    #[loader("/feed")]
    pub async fn data() -> String {
        loop {}
    }
}

fn main() {}
