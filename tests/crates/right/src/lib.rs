//! One of two feature crates that have the same route, each fine by itself.

use ereo_runtime::loader;

/// The other crate has this path, too.
#[loader("/feature/{right}")]
pub async fn feature(right: String) -> String {
    right
}
