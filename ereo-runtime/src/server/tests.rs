//! Bounds of a connection's share of the server, so that it does not grow unseen. With its counts, the
//! sink fills a chunk of the heap of 80 bytes.

use super::observe::Observed;
use super::open_stream::OpenStream;
use crate::takeover::SocketSink;
use crate::worker::Alarm;

#[test]
fn what_every_connection_has_is_small() {
    // The feature `inspector` lists each of them.
    let listed = if cfg!(feature = "inspector") { 8 } else { 0 };
    assert!(size_of::<Observed>() <= 56 + listed, "{}", size_of::<Observed>());
    assert!(size_of::<SocketSink>() <= 56, "{}", size_of::<SocketSink>());
    assert!(size_of::<OpenStream>() <= 72 + listed, "{}", size_of::<OpenStream>());
    assert!(size_of::<Alarm>() <= 16, "{}", size_of::<Alarm>());
}
