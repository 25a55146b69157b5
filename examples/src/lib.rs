//! Runnable examples: `cargo run --example dashboard`.
