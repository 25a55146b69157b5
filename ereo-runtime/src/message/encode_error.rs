//! Why a message could not be put on the wire.

/// A message that could not be encoded. Nothing of it reached any client.
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
    /// The event name that the message asks for would break the stream, or is one of the library's own.
    #[error(transparent)]
    Field(#[from] crate::sse::InvalidField),
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
}

/// 500: what a handler cannot send is the server's fault.
impl actix_web::ResponseError for EncodeError {}
