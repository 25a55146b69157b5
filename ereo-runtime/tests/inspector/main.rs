//! The inspector over real sockets, through the public API.

mod inspected;
#[allow(dead_code, unused_imports, reason = "other tests use the rest of it")]
#[path = "../http/support/mod.rs"]
mod support;
