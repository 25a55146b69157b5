//! Why a message could not be put on the wire.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, ResponseError};

/// A message that could not be encoded. Nothing of it reached any client.
///
/// ```
/// use bytes::Bytes;
/// use ereo_runtime::{EncodeError, Message};
///
/// // A server-sent event is text.
/// let image = Bytes::from_static(&[0xff, 0xd8]);
/// assert!(matches!(image.to_event(), Err(EncodeError::NotText)));
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EncodeError {
    /// `Serialize` failed; the source says where.
    #[error("the message could not be serialized: {0}")]
    Serialize(#[source] serde_json::Error),
    /// `Serialize` panicked where a reader needed the message in a form that it was not sent in yet.
    #[error("the message's serialization panicked")]
    Panicked,
    /// Bytes that are not UTF-8 were sent as a server-sent event, which is text.
    #[error("a server-sent event carries text, and these bytes are not UTF-8")]
    NotText,
    /// A reply is a JSON object with an `id`, and this message is none: a text, a list, bytes.
    #[error("a reply is a JSON object, to which its id is added, and this message is none")]
    NoFields,
    /// The event name that the message asks for would break the stream, or is one of the library's own.
    #[error(transparent)]
    Field(#[from] super::event::InvalidField),
    /// A broadcast message carried an id of its own; a set's ids are its positions.
    #[error("a broadcast event's id is its position in the set; send it without an id of its own")]
    OwnId,
    /// One message is larger than all that the set may keep.
    #[error(
        "the message has {size} bytes, more than the {limit} that the set may keep (`max_bytes`)"
    )]
    TooLarge {
        /// Bytes of the encoded message.
        size: usize,
        /// The set's `max_bytes`.
        limit: usize,
    },
    /// The room that it was sent to is none.
    #[error(transparent)]
    Room(#[from] super::room_refused::RoomRefused),
    /// The key of a member has more than 255 bytes.
    #[error("the key of a member has {size} bytes, more than {limit}")]
    KeyTooLong {
        /// Bytes of the key.
        size: usize,
        /// How many it may have.
        limit: usize,
    },
    /// The info of a member has more than 64 KiB as JSON.
    #[error("the info of a member has {size} bytes as JSON, more than {limit}")]
    InfoTooLarge {
        /// Bytes of the info.
        size: usize,
        /// How many it may have.
        limit: usize,
    },
}

impl EncodeError {
    /// Whether it comes of what a client asked for, and may be told.
    pub(crate) fn is_of_the_peer(&self) -> bool {
        matches!(self, Self::Room(_) | Self::KeyTooLong { .. } | Self::InfoTooLarge { .. })
    }
}

/// 500: what a handler cannot send is the server's fault. A room that is refused is answered as
/// [`RoomRefused`](super::RoomRefused) is, and a member that is too large with 400.
impl ResponseError for EncodeError {
    fn status_code(&self) -> StatusCode {
        match self {
            Self::Room(why) => why.status_code(),
            Self::KeyTooLong { .. } | Self::InfoTooLarge { .. } => StatusCode::BAD_REQUEST,
            _ => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    fn error_response(&self) -> HttpResponse {
        match self {
            Self::Room(why) => why.error_response(),
            _ => HttpResponse::build(self.status_code())
                .content_type("text/plain; charset=utf-8")
                .body(self.to_string()),
        }
    }
}
