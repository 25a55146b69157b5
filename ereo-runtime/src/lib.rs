//! Ereo.

pub mod websocket;
