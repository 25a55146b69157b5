//! The settings of a socket route.

use std::time::Duration;

use super::mailbox::MailboxLimits;
use crate::server::Origins;
use crate::wire::Compression;

/// How a socket is served; what is not set has the default that its setter names.
#[derive(Debug, Clone)]
pub struct Options {
    pub(super) max_message: usize,
    /// Those of the server where there are none.
    pub(super) origins: Option<Origins>,
    pub(super) protocols: &'static [&'static str],
    pub(super) ping: Option<Duration>,
    pub(super) idle: Option<Duration>,
    /// `None` where it follows from `max_message`.
    message_timeout: Option<Option<Duration>>,
    pub(super) close_timeout: Duration,
    pub(super) grace: Duration,
    pub(super) mailbox: MailboxLimits,
    pub(super) compression: Compression,
    pub(super) compression_threshold: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            max_message: 64 << 10,
            origins: None,
            protocols: &[],
            ping: Some(Duration::from_secs(25)),
            idle: Some(Duration::from_secs(60)),
            message_timeout: None,
            close_timeout: Duration::from_secs(5),
            grace: Duration::from_secs(5),
            mailbox: MailboxLimits::default(),
            compression: Compression::default(),
            compression_threshold: 256,
        }
    }
}

impl Options {
    /// The largest message in bytes, over all its fragments and inflated where it came compressed; 64
    /// KiB, and 4 GiB at most. A larger one is 1009.
    pub fn max_message(mut self, bytes: usize) -> Self {
        self.max_message = bytes;
        self
    }

    /// The pages that may connect; those of [`Realtime::origins`](crate::server::Realtime::origins), which are
    /// those of the same host.
    pub fn origins(mut self, origins: Origins) -> Self {
        self.origins = Some(origins);
        self
    }

    /// The subprotocols that are spoken, the preferred one first; none.
    ///
    /// The first that a client offers is chosen, and answered (RFC 6455 section 4.2.2);
    /// [`Connection::protocol`](super::Connection::protocol) tells which. A client that offers none is
    /// served without one. One that offers others only is 400, with the list: a browser would fail the
    /// connection that it got instead. A name that is no token (RFC 9110 section 5.6.2) is never chosen.
    pub fn protocols(mut self, preferred_first: &'static [&'static str]) -> Self {
        self.protocols = preferred_first;
        self
    }

    /// A peer that was silent for as long is sent a ping; 25 s, or half of `idle` where that is not
    /// less. `None`: none is sent. A client that asks for it (`?ereoHeartbeat=1`, as the browser module
    /// does) is sent a text as often, which unlike a ping its page can see.
    pub fn ping(mut self, every: Option<Duration>) -> Self {
        self.ping = every;
        self
    }

    /// A peer that was silent for as long, pings notwithstanding, is given up; 60 s. `None`: never.
    ///
    /// This ends the handler and frees what the connection held, whatever the peer does. The TCP
    /// connection itself ends with it as long as actix can write to it. While 32 KiB wait in actix's
    /// own buffer because the peer does not read, actix does not ask for more and cannot be told to
    /// end: that needs a TCP user timeout (`TCP_USER_TIMEOUT`) set in `HttpServer::on_connect`.
    pub fn idle(mut self, timeout: Option<Duration>) -> Self {
        self.idle = timeout;
        self
    }

    /// How long a message may take from its first byte to its last, time in which this side does not read
    /// left out; then the connection is closed with 1008. By default 30 s, and a second more for each 64
    /// KiB of `max_message`. `None`: as long as the peer is not idle.
    ///
    /// A message that is not finished holds memory that the peer need not send anything for.
    pub fn message_timeout(mut self, timeout: Option<Duration>) -> Self {
        self.message_timeout = Some(timeout);
        self
    }

    pub(super) fn get_message_timeout(&self) -> Option<Duration> {
        let by_size = || Duration::from_secs(30 + (self.max_message as u64 >> 16));
        self.message_timeout.unwrap_or_else(|| Some(by_size()))
    }

    /// How long the peer's close frame is waited for after this side's; 5 s, and at most 2 s of a drain.
    pub fn close_timeout(mut self, timeout: Duration) -> Self {
        self.close_timeout = timeout;
        self
    }

    /// How long a handler may go on once its peer is gone before it is dropped; 5 s. It sees the end
    /// at once, as `None` from `recv` or as an error from `send`.
    pub fn grace(mut self, grace: Duration) -> Self {
        self.grace = grace;
        self
    }

    /// What is compressed for clients that can read it; broadcasts. See
    /// [the costs](mod@super#compression).
    pub fn compression(mut self, compression: Compression) -> Self {
        self.compression = compression;
        self
    }

    /// Messages of fewer bytes go out as they are; 256. The smaller a message, the less there is in it to
    /// refer back to, and it fits into one packet anyway.
    pub fn compression_threshold(mut self, bytes: usize) -> Self {
        self.compression_threshold = bytes;
        self
    }

    /// What may wait for a peer that does not read before `send` waits; 64 frames, 256 KiB.
    pub fn mailbox(mut self, limits: MailboxLimits) -> Self {
        self.mailbox = limits;
        self
    }
}
