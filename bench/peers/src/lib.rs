//! What the load and the floor share: just enough of HTTP/1.1 and RFC 6455 for a benchmark.

pub mod wire;

/// A number from the environment, or this one.
pub fn number<T: std::str::FromStr>(variable: &str, default: T) -> T {
    std::env::var(variable).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}
