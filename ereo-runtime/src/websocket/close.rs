//! The end of a connection: close codes, close frames (RFC 6455 sections 5.5.1 and 7) and the reason
//! that a user's `close` hook gets.

use std::fmt;

use bytes::Bytes;
use bytestring::ByteString;

use super::reader::ProtocolError;
use crate::ending::{Ending, may_be_sent};
use crate::server::How;
use crate::wire::{MAX_CONTROL, OpCode, frame};

/// A status code of section 7.4.
///
/// ```
/// use ereo_runtime::CloseCode;
///
/// const BANNED: CloseCode = CloseCode::new(4001).unwrap();
/// assert_eq!((BANNED.get(), CloseCode::NORMAL.get()), (4001, 1000));
/// assert_eq!(CloseCode::new(1006), None, "which is never sent");
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CloseCode(u16);

impl CloseCode {
    /// The purpose of the connection has been fulfilled.
    pub const NORMAL: Self = Self(1000);
    /// The endpoint goes away; also sent to a peer that has been silent for too long.
    pub const GOING_AWAY: Self = Self(1001);
    /// The peer broke the protocol.
    pub const PROTOCOL: Self = Self(1002);
    /// A kind of data that the endpoint cannot accept.
    pub const UNSUPPORTED: Self = Self(1003);
    /// Data that does not fit its type: text that is not UTF-8, or JSON that is not what it should be.
    pub const INVALID_PAYLOAD: Self = Self(1007);
    /// A message against the endpoint's policy.
    pub const POLICY_VIOLATION: Self = Self(1008);
    /// A message that is too big.
    pub const MESSAGE_TOO_BIG: Self = Self(1009);
    /// The endpoint failed.
    pub const INTERNAL: Self = Self(1011);
    /// The service restarts; come back a little later.
    pub const SERVICE_RESTART: Self = Self(1012);
    /// The service is overloaded.
    pub const TRY_AGAIN_LATER: Self = Self(1013);

    /// The client's credentials have ended, or are none: the registered code 3000, "Unauthorized".
    pub const UNAUTHORIZED: Self = Self(3000);

    /// The code with this number, if a close frame may carry it: the assigned ones of 1000 to 2999,
    /// 3000 to 3999 (registered) and 4000 to 4999 (private use); section 7.4.2. 1004, 1005, 1006 and
    /// 1015 are reserved and never on the wire.
    pub const fn new(code: u16) -> Option<Self> {
        if may_be_sent(code) { Some(Self(code)) } else { None }
    }

    /// Its number.
    pub const fn get(self) -> u16 {
        self.0
    }
}

impl fmt::Debug for CloseCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for CloseCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

/// How a connection ended. There is exactly one for every connection: the first cause counts.
///
/// ```
/// use ereo_runtime::prelude::*;
///
/// #[websocket("/watch")]
/// async fn watch(socket: Socket<String, String>) {
///     match socket.connection().ended().await {
///         CloseReason::Peer { code, .. } => println!("it closed with {code:?}"),
///         CloseReason::Vanished => println!("it is gone without a word"),
///         reason => println!("{reason}"),
///     }
/// }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum CloseReason {
    /// The peer sent a close frame.
    Peer {
        /// Its code; a close frame may be empty.
        code: Option<CloseCode>,
        /// Its reason; often empty.
        reason: ByteString,
    },
    /// This side asked for it: `close(..)` of the socket, or an error that carries a code.
    Local {
        /// The code that was sent.
        code: CloseCode,
        /// The reason that was sent.
        reason: ByteString,
    },
    /// It was ended by name ([`ClientSet::disconnect`](crate::ClientSet::disconnect), or
    /// [`ConnectionHandle::close`](crate::ConnectionHandle::close)); what was sent is in it.
    Disconnected(Ending),
    /// The handler returned; 1000 was sent.
    Finished,
    /// The handler returned an error; the code that belongs to it was sent, 1011 unless it has one.
    Failed,
    /// The handler panicked; 1011 was sent.
    Panicked,
    /// The peer broke the protocol; 1002 was sent.
    Protocol(ProtocolError),
    /// The peer began a message that is larger than `max_message`; 1009 was sent.
    TooBig {
        /// The limit in bytes.
        limit: usize,
    },
    /// A text message or a close reason was not UTF-8; 1007 was sent.
    InvalidUtf8,
    /// A compressed message could not be inflated; 1007 was sent.
    Corrupt,
    /// Nothing was heard of the peer for the idle timeout, not even an answer to a ping.
    Idle,
    /// The connection was closed or reset below, without a close frame.
    Vanished,
    /// The server is being stopped; 1012 was sent.
    Drain,
    /// The credentials have ended ([`Connection::expires_at`](super::Connection::expires_at)); 3000
    /// was sent.
    Expired,
}

impl CloseReason {
    /// Without what varies: what a span's `how` says.
    pub(super) const fn how(&self) -> How {
        match self {
            Self::Peer { .. } => How::ByPeer,
            Self::Local { .. } => How::ByThisSide,
            Self::Disconnected(_) => How::Disconnected,
            Self::Finished => How::Finished,
            Self::Failed => How::Failed,
            Self::Panicked => How::Panicked,
            Self::Protocol(_) => How::Protocol,
            Self::TooBig { .. } => How::TooBig,
            Self::InvalidUtf8 => How::InvalidUtf8,
            Self::Corrupt => How::Corrupt,
            Self::Idle => How::Idle,
            Self::Vanished => How::Vanished,
            Self::Drain => How::Drained,
            Self::Expired => How::Expired,
        }
    }

    /// Whether both sides know that it ended, as opposed to a failure.
    pub fn is_clean(&self) -> bool {
        matches!(
            self,
            Self::Peer { .. }
                | Self::Local { .. }
                | Self::Disconnected(_)
                | Self::Finished
                | Self::Drain
                | Self::Expired
        )
    }
}

impl fmt::Display for CloseReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Peer { code: None, .. } => f.write_str("closed by the peer"),
            Self::Peer { code: Some(code), reason } => {
                write!(f, "closed by the peer: {code} {reason}")
            }
            Self::Local { code, reason } => write!(f, "closed by this side: {code} {reason}"),
            Self::Disconnected(ending) => {
                write!(f, "disconnected: {} {}", ending.close_code(), ending.reason())
            }
            Self::Finished => f.write_str("the handler has finished"),
            Self::Failed => f.write_str("the handler failed"),
            Self::Panicked => f.write_str("the handler panicked"),
            Self::Protocol(error) => write!(f, "protocol error: {error}"),
            Self::TooBig { limit } => write!(f, "a message of more than {limit} bytes"),
            Self::InvalidUtf8 => f.write_str("text that is not UTF-8"),
            Self::Corrupt => f.write_str("compressed data that is corrupt"),
            Self::Idle => f.write_str("the peer did not answer"),
            Self::Vanished => f.write_str("the connection was lost"),
            Self::Drain => f.write_str("the server is stopping"),
            Self::Expired => f.write_str("the credentials have ended"),
        }
    }
}

/// A close frame. A reason that does not fit beside the code is cut at a character.
pub(crate) fn frame(code: Option<CloseCode>, reason: &str) -> Bytes {
    let Some(code) = code else {
        return frame::encode(OpCode::Close, b"");
    };
    let mut payload = code.get().to_be_bytes().to_vec();
    payload.extend_from_slice(cut(reason).as_bytes());
    frame::encode(OpCode::Close, &payload)
}

/// What our own page finds behind the reason, and no other client gets: whether the end is for good, which no code
/// says by itself. In the frame, and in no message, which somebody else may have written.
const FINAL: &str = "\u{4}1";
const NOT_FINAL: &str = "\u{4}0";

/// The reason that a client is told which is ended by name; `ours` is the browser module.
pub(crate) fn told(ending: &Ending, ours: bool) -> String {
    let reason = ending.reason();
    if !ours {
        return reason.to_owned();
    }
    let mark = if ending.is_final() { FINAL } else { NOT_FINAL };
    format!("{}{mark}", cut_to(reason, MAX_REASON - mark.len()))
}

/// The longest part of `reason` that fits a close frame.
pub(crate) fn cut(reason: &str) -> &str {
    cut_to(reason, MAX_REASON)
}

/// The code takes two of the control frame's bytes.
const MAX_REASON: usize = MAX_CONTROL - 2;

fn cut_to(reason: &str, most: usize) -> &str {
    let mut end = reason.len().min(most);
    while !reason.is_char_boundary(end) {
        end -= 1;
    }
    &reason[..end]
}

/// What is wrong with a close frame's payload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PayloadError {
    /// Section 5.5.1: "the first two bytes of the body MUST be a 2-byte unsigned integer".
    HalfACode,
    /// Section 7.4: not a code that an endpoint may send.
    Code(u16),
    /// Section 5.5.1: the reason is UTF-8.
    Utf8,
}

/// Reads a close frame's payload.
pub(crate) fn parse(payload: &[u8]) -> Result<(Option<CloseCode>, ByteString), PayloadError> {
    match payload {
        [] => Ok((None, ByteString::new())),
        [_] => Err(PayloadError::HalfACode),
        [a, b, reason @ ..] => {
            let number = u16::from_be_bytes([*a, *b]);
            let code = CloseCode::new(number).ok_or(PayloadError::Code(number))?;
            let reason = std::str::from_utf8(reason).map_err(|_| PayloadError::Utf8)?;
            Ok((Some(code), ByteString::from(reason)))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_codes_that_may_be_on_the_wire() {
        for code in [1000, 1003, 1007, 1014, 3000, 4999] {
            assert_eq!(CloseCode::new(code).map(CloseCode::get), Some(code));
        }
        for code in [0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65535] {
            assert_eq!(CloseCode::new(code), None, "{code}");
        }
    }

    #[test]
    fn a_frame_reads_back() {
        let frame = frame(Some(CloseCode::POLICY_VIOLATION), "no");
        assert_eq!(&frame[..2], [0x88, 4]);
        assert_eq!(parse(&frame[2..]), Ok((Some(CloseCode::POLICY_VIOLATION), "no".into())));
        assert_eq!(parse(b""), Ok((None, ByteString::new())));
        assert_eq!(parse(b"\x03"), Err(PayloadError::HalfACode));
        assert_eq!(parse(b"\x03\xed"), Err(PayloadError::Code(1005)));
        assert_eq!(parse(b"\x03\xe8\xff"), Err(PayloadError::Utf8));
    }

    #[test]
    fn the_longest_reason_leaves_room_for_what_our_page_is_told() {
        let ending = Ending::new(4001, "é".repeat(61)).expect("it is short enough");
        assert_eq!(told(&ending, false), ending.reason());
        assert_eq!(told(&ending, true), format!("{}\u{4}0", "é".repeat(60)));
        assert_eq!(told(&ending.final_(), true), format!("{}\u{4}1", "é".repeat(60)));
    }

    #[test]
    fn a_long_reason_is_cut_between_characters() {
        let frame = frame(Some(CloseCode::NORMAL), &"é".repeat(100));
        assert_eq!(frame.len(), 2 + 2 + 122);
        assert!(parse(&frame[2..]).is_ok());
    }
}
