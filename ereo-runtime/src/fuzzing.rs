//! Doors to the parsers for `tests/fuzz`: no part of the API, compiled with the feature `__fuzzing` only.

pub use crate::server::fuzzing::client_address;
pub use crate::websocket::fuzzing::{handshake, reader};
