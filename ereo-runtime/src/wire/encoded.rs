//! A message as one frame, and whether it may still be compressed.

use bytes::Bytes;

use super::frame::{OpCode, encode};
use crate::message::{EncodeError, Message, Payload, may_be_compressed};

/// A frame that is the same for every connection.
#[derive(Debug, Clone)]
pub struct Encoded {
    frame: Bytes,
    deflate: bool,
}

/// A frame that goes out as it is.
impl From<Bytes> for Encoded {
    fn from(frame: Bytes) -> Self {
        Self { frame, deflate: false }
    }
}

impl Encoded {
    /// The frame, uncompressed.
    pub(crate) fn frame(&self) -> &Bytes {
        &self.frame
    }

    pub(crate) fn into_frame(self) -> Bytes {
        self.frame
    }

    pub(super) fn may_be_deflated(&self) -> bool {
        self.deflate
    }

    /// Bytes of the frame, uncompressed.
    pub(crate) fn len(&self) -> usize {
        self.frame.len()
    }
}

/// A message as the bytes of one frame, the same for every connection.
///
/// # Errors
/// The message's own, where it cannot be encoded.
pub fn encode_message<T: Message + ?Sized>(message: &T) -> Result<Encoded, EncodeError> {
    let (frame, deflate) = may_be_compressed(|| message.to_payload());
    let frame = match frame? {
        Payload::Text(text) => encode(OpCode::Text, text.as_bytes()),
        Payload::Binary(bytes) => encode(OpCode::Binary, &bytes),
    };
    Ok(Encoded { frame, deflate })
}
