//! Stands in for `crate::message` until that is merged.
#![allow(missing_docs)]

use bytes::Bytes;
use bytestring::ByteString;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Frame {
    Text(ByteString),
    Binary(Bytes),
}

#[derive(Debug, thiserror::Error)]
pub enum EncodeError {
    #[error("the message could not be serialized: {0}")]
    Serialize(#[source] serde_json::Error),
}

pub trait Message {
    fn to_frame(&self) -> Result<Frame, EncodeError>;
}

impl Message for String {
    fn to_frame(&self) -> Result<Frame, EncodeError> {
        Ok(Frame::Text(self.as_str().into()))
    }
}
