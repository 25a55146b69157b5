//! Errors that a handler sees, and the close code that each stands for.

use std::error::Error;

use bytestring::ByteString;

use super::close::{CloseCode, CloseReason};
use super::reader::{ProtocolError, ReadError};
use crate::broadcast::{BroadcastError, RoomFull};
use crate::message::{EncodeError, RoomRefused};

/// An error of a socket. Returned from a handler it ends the connection with [`SocketError::code`].
///
/// ```
/// use ereo_runtime::{CloseCode, SocketError};
///
/// let banned = SocketError::close(CloseCode::POLICY_VIOLATION, "banned");
/// assert_eq!(banned.code(), CloseCode::POLICY_VIOLATION);
/// assert_eq!(banned.to_string(), "closed with 1008: banned");
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SocketError {
    /// The message is not what the handler takes. The connection goes on: a handler may answer and
    /// call `recv` again; returned from it, this closes with 1007.
    #[error("unreadable message: {0}")]
    Decode(#[from] DecodeError),
    /// A message could not be encoded; nothing of it was sent.
    #[error(transparent)]
    Encode(#[from] EncodeError),
    /// The connection has ended, so nothing can be sent.
    #[error("the connection has ended: {0}")]
    Closed(CloseReason),
    /// The peer began a message of more than `max_message` bytes; the connection is closing.
    #[error("a message of more than {limit} bytes")]
    TooBig {
        /// The limit in bytes.
        limit: usize,
    },
    /// The peer sent text that is not UTF-8; the connection is closing.
    #[error("text that is not UTF-8")]
    InvalidUtf8,
    /// The peer sent a compressed message that cannot be inflated; the connection is closing.
    #[error("compressed data that is corrupt")]
    Corrupt,
    /// The peer broke the protocol; the connection is closing.
    #[error("protocol error: {0}")]
    Protocol(#[from] ProtocolError),
    /// The handler's own wish: close with this code and reason.
    #[error("closed with {code}: {reason}")]
    Close {
        /// The code to send.
        code: CloseCode,
        /// The reason to send.
        reason: ByteString,
    },
    /// Any other error of a handler; closes with 1011 and is traced. The peer is not told what it was.
    #[error(transparent)]
    Other(Box<dyn Error + Send + Sync>),
}

/// A message that does not have the form that the handler takes.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DecodeError {
    /// Not the JSON that was expected; says which field, and where.
    #[error("{0}")]
    Json(#[from] serde_json::Error),
    /// Binary where only text is taken.
    #[error("expected a text message")]
    NotText,
    /// Text where only binary is taken.
    #[error("expected a binary message")]
    NotBinary,
}

impl SocketError {
    /// An error of another kind, for `map_err(SocketError::other)`.
    pub fn other(error: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Other(error.into())
    }

    /// Asks for the connection to be closed with this code and reason.
    pub fn close(code: CloseCode, reason: impl Into<ByteString>) -> Self {
        Self::Close { code, reason: reason.into() }
    }

    /// The code that the connection is closed with when a handler returns this error.
    pub fn code(&self) -> CloseCode {
        match self {
            Self::Decode(DecodeError::Json(_)) | Self::InvalidUtf8 | Self::Corrupt => {
                CloseCode::INVALID_PAYLOAD
            }
            Self::Decode(_) => CloseCode::UNSUPPORTED,
            Self::TooBig { .. } => CloseCode::MESSAGE_TOO_BIG,
            Self::Protocol(_) => CloseCode::PROTOCOL,
            Self::Close { code, .. } => *code,
            Self::Encode(error) if error.is_of_the_peer() => CloseCode::POLICY_VIOLATION,
            Self::Encode(_) | Self::Closed(_) | Self::Other(_) => CloseCode::INTERNAL,
        }
    }

    /// What the peer is told: only what it did itself, never the server's insides.
    pub(super) fn peer_reason(&self) -> ByteString {
        match self {
            Self::Close { reason, .. } => reason.clone(),
            Self::Encode(error) if error.is_of_the_peer() => error.to_string().into(),
            Self::Encode(_) | Self::Closed(_) | Self::Other(_) => "internal error".into(),
            Self::Decode(_)
            | Self::TooBig { .. }
            | Self::InvalidUtf8
            | Self::Corrupt
            | Self::Protocol(_) => self.to_string().into(),
        }
    }
}

impl From<RoomFull> for SocketError {
    fn from(full: RoomFull) -> Self {
        Self::close(CloseCode::POLICY_VIOLATION, full.to_string())
    }
}

/// One that a store cannot take now closes with 1013: the peer may come back.
impl From<BroadcastError> for SocketError {
    fn from(error: BroadcastError) -> Self {
        match error {
            BroadcastError::Encode(error) => Self::Encode(error),
            BroadcastError::Full { .. } | BroadcastError::Down => {
                Self::close(CloseCode::TRY_AGAIN_LATER, error.to_string())
            }
        }
    }
}

impl From<RoomRefused> for SocketError {
    fn from(why: RoomRefused) -> Self {
        Self::close(CloseCode::POLICY_VIOLATION, why.to_string())
    }
}

impl From<ReadError> for SocketError {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::Protocol(error) => Self::Protocol(error),
            ReadError::TooBig { limit } => Self::TooBig { limit },
            ReadError::InvalidUtf8 => Self::InvalidUtf8,
            ReadError::Corrupt => Self::Corrupt,
        }
    }
}

impl From<ReadError> for CloseReason {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::Protocol(error) => Self::Protocol(error),
            ReadError::TooBig { limit } => Self::TooBig { limit },
            ReadError::InvalidUtf8 => Self::InvalidUtf8,
            ReadError::Corrupt => Self::Corrupt,
        }
    }
}

/// What a handler may return.
pub trait Outcome {
    /// Its error, if it has one.
    fn into_result(self) -> Result<(), SocketError>;
}

impl Outcome for () {
    fn into_result(self) -> Result<(), SocketError> {
        Ok(())
    }
}

impl<E: Into<SocketError>> Outcome for Result<(), E> {
    fn into_result(self) -> Result<(), SocketError> {
        self.map_err(Into::into)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_error_has_its_code_and_tells_the_peer_no_secrets() {
        let json = serde_json::from_str::<bool>("7").unwrap_err();
        let decode = SocketError::from(DecodeError::Json(json));
        assert_eq!(decode.code(), CloseCode::INVALID_PAYLOAD);
        assert!(decode.peer_reason().contains("expected a boolean"));
        let other = SocketError::other("password of the database");
        assert_eq!(other.code(), CloseCode::INTERNAL);
        assert_eq!(other.peer_reason(), "internal error");
        let own = SocketError::close(CloseCode::POLICY_VIOLATION, "not you");
        assert_eq!((own.code(), &*own.peer_reason()), (CloseCode::POLICY_VIOLATION, "not you"));
    }
}
