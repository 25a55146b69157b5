mod one {
    use ereo_runtime::prelude::*;

    #[sse("/feed", group = "v2")]
    pub async fn feed() -> Subscription<String> {
        loop {}
    }
}

mod two {
    use ereo_runtime::prelude::*;

    #[sse("/feed", group = "v2")]
    pub async fn stream() -> Subscription<String> {
        loop {}
    }
}

fn main() {}

// mend: "v2")]⏎    pub async fn stream => "v3")]⏎    pub async fn stream
