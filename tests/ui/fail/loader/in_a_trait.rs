use ereo_runtime::prelude::*;

trait Stats {
    #[loader("/stats")]
    async fn stats() -> String {
        String::new()
    }
}

fn main() {}
