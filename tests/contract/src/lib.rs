//! Messages of every shape that serde writes, and routes that send and take them.

#![forbid(unsafe_code)]
#![deny(missing_docs, warnings)]

pub mod routes;
#[allow(missing_docs, reason = "what has a comment, and what has none, is told apart")]
pub mod shapes;
