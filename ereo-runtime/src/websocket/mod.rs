//! WebSockets (RFC 6455).
#![allow(dead_code)]

pub mod close;
#[doc(hidden)]
pub mod frame;
mod mask;
mod message_buffer;
#[doc(hidden)]
pub mod reader;
#[cfg(test)]
mod reader_tests;
mod utf8;
