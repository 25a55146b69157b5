//! Routes, streams, loaders and the drain over real sockets, through the public API.

mod backpressure;
mod compress;
mod drain;
mod encode_once;
mod encoding;
mod expiring;
mod gapless;
mod headers;
mod http2;
mod leaving;
mod limits;
mod paths;
mod presence;
mod resume;
mod returns;
mod routing;
mod support;
mod websocket;
