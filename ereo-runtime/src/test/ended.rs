//! Ends of streams and sockets.

use std::time::Duration;

use crate::broadcast::ResetReason;
use crate::log::Position;

/// How an event stream has ended.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Ended {
    /// Its source has: `ereo.end`. Who comes back gets 204.
    Finished,
    /// The client's credentials have: `ereo.expired`.
    Expired,
    /// The server has ended this client's connection: `ereo.closed`.
    Closed {
        /// The code that a socket would have been closed with.
        code: u16,
        /// In words.
        reason: String,
        /// Whether the client is not to come back.
        last: bool,
    },
    /// The client is to come back after this time: the server drains, or the client was too slow or was sent
    /// too much again. None where the stream broke off without a word.
    ComeBack(Option<Duration>),
}

/// A stream's news that messages are missing.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Reset {
    /// Why.
    pub reason: ResetReason,
    /// How many, where the server knows.
    pub missed: Option<u64>,
    /// Where the stream goes on.
    pub position: Option<Position>,
}

/// How a socket was closed.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Closed {
    code: u16,
    reason: String,
}

impl Closed {
    /// Of a close frame without a code (RFC 6455 section 7.1.5).
    const NO_CODE: u16 = 1005;
    /// Of no close frame.
    const ABNORMAL: u16 = 1006;

    pub(super) fn by_frame(code: Option<u16>, reason: String) -> Self {
        Self { code: code.unwrap_or(Self::NO_CODE), reason }
    }

    pub(super) fn vanished() -> Self {
        Self { code: Self::ABNORMAL, reason: String::new() }
    }

    /// The code, as a browser has it: 1005 where the close frame has none, and 1006 where the connection was
    /// gone without one.
    pub fn code(&self) -> u16 {
        self.code
    }

    /// The reason; often empty.
    pub fn reason(&self) -> &str {
        &self.reason
    }
}

/// As a number of a [`CloseCode`](crate::CloseCode) or a plain one.
impl PartialEq<u16> for Closed {
    fn eq(&self, code: &u16) -> bool {
        self.code == *code
    }
}

impl PartialEq<crate::websocket::CloseCode> for Closed {
    fn eq(&self, code: &crate::websocket::CloseCode) -> bool {
        self.code == code.get()
    }
}
