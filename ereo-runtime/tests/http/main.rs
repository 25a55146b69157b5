//! Routes, streams, loaders and the drain over real sockets, through the public API.

mod answers;
mod backpressure;
mod batches;
mod bursts;
mod compress;
mod drain;
mod encode_once;
mod encoding;
mod endings;
mod expiring;
mod faults;
mod finished;
mod gapless;
mod handshake;
mod headers;
mod heartbeats;
mod http2;
mod lean;
mod leaving;
mod limits;
mod listening;
mod neighbours;
mod paths;
mod presence;
mod relay;
mod replay;
mod resume;
mod resume_socket;
mod returns;
mod rooms;
mod routing;
mod support;
mod tunnel;
#[cfg(unix)]
mod unix;
mod websocket;
