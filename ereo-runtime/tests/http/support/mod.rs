//! A server on a free port, a client that shows the raw bytes, and a parser nobody shares with the
//! encoder.

mod client;
pub mod event_stream;
pub mod server;
pub mod socket;
pub mod tls;

pub use client::{Client, get};
pub use server::{Server, over_tcp, serve, serve_as, serve_limited, serve_with};
