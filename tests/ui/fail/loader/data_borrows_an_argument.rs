use ereo_runtime::prelude::*;

use std::borrow::Cow;

#[loader("/stats")]
async fn stats<'a>(text: &'a str) -> Cow<'a, str> {
    Cow::Borrowed(text)
}

fn main() {}
