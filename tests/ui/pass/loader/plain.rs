//! A loader without a live route, fallible or not.

#![forbid(unsafe_code)]
#![deny(missing_docs, warnings)]

use ereo_runtime::prelude::*;

/// Plain.
#[loader("/plain")]
pub async fn plain() -> Vec<u32> {
    vec![1]
}

/// Fallible.
#[loader("/fallible")]
async fn fallible() -> Result<(u32, String), actix_web::Error> {
    Ok((1, String::new()))
}

fn main() {
    drop(plain());
    drop(fallible());
}
