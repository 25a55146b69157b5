use ereo_runtime::prelude::*;

#[sse("/files/{*}")]
async fn feed() -> Subscription<String> {
    loop {}
}

fn main() {}

// mend: {*} => {rest}*
// mend: feed() => feed(rest: String)
