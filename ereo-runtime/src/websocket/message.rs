//! What a socket receives: JSON by default, or messages as they are.

use bytes::Bytes;
use bytestring::ByteString;
use serde::de::DeserializeOwned;

use super::error::DecodeError;
use super::json;
#[cfg(feature = "contract")]
use crate::message::{Description, Form};
use crate::message::{EncodeError, Event, Message, Payload};

/// A text message as it is, without JSON.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text(pub ByteString);

/// A binary message as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binary(pub Bytes);

/// A type that a socket can receive.
///
/// Every `Deserialize` type is one, read from JSON; [`Text`], [`Binary`] and
/// [`Payload`] are taken raw. `Kind` keeps the two apart: the raw types do not implement `Deserialize`,
/// so for every type the compiler finds one kind only and it need never be written.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be received by a socket",
    label = "neither `Deserialize` nor one of the raw types",
    note = "derive `Deserialize` for a type of your own; for one of another crate, receive a type of your own that is made into it, or `Text`, `Binary` or `Payload`"
)]
pub trait FromPayload<Kind>: Sized {
    /// Reads one message.
    ///
    /// # Errors
    /// When the message does not have this form.
    fn from_payload(frame: Payload) -> Result<Self, DecodeError>;
}

/// Read from JSON. Text is the rule; binary messages that hold JSON are understood as well, as
/// some clients send every buffer as binary.
///
/// What browsers write as JSON is read: half of a surrogate pair, which `JSON.stringify` writes as an
/// escape such as `\ud83d`, becomes U+FFFD, in texts and in keys. A byte order mark is passed over.
#[derive(Debug)]
pub struct Json(());

/// Taken as it is.
#[derive(Debug)]
pub struct Raw(());

#[diagnostic::do_not_recommend]
impl<T: DeserializeOwned> FromPayload<Json> for T {
    fn from_payload(frame: Payload) -> Result<Self, DecodeError> {
        Ok(json::read(&frame)?)
    }
}

impl FromPayload<Raw> for Payload {
    fn from_payload(frame: Payload) -> Result<Self, DecodeError> {
        Ok(frame)
    }
}

impl FromPayload<Raw> for Text {
    fn from_payload(frame: Payload) -> Result<Self, DecodeError> {
        match frame {
            Payload::Text(text) => Ok(Self(text)),
            Payload::Binary(_) => Err(DecodeError::NotText),
        }
    }
}

impl FromPayload<Raw> for Binary {
    fn from_payload(frame: Payload) -> Result<Self, DecodeError> {
        match frame {
            Payload::Binary(bytes) => Ok(Self(bytes)),
            Payload::Text(_) => Err(DecodeError::NotBinary),
        }
    }
}

impl Message for Payload {
    fn to_event(&self) -> Result<Event, EncodeError> {
        match self {
            Self::Text(text) => text.to_string().to_event(),
            Self::Binary(bytes) => bytes.to_event(),
        }
    }

    fn to_payload(&self) -> Result<Payload, EncodeError> {
        Ok(self.clone())
    }

    #[cfg(feature = "contract")]
    fn description() -> Description {
        Description::of::<Self>(Form::Text)
    }
}

impl Message for Text {
    fn to_event(&self) -> Result<Event, EncodeError> {
        self.0.to_string().to_event()
    }

    fn to_payload(&self) -> Result<Payload, EncodeError> {
        Ok(Payload::Text(self.0.clone()))
    }

    #[cfg(feature = "contract")]
    fn description() -> Description {
        Description::of::<Self>(Form::Text)
    }
}

impl Message for Binary {
    fn to_event(&self) -> Result<Event, EncodeError> {
        self.0.to_event()
    }

    fn to_payload(&self) -> Result<Payload, EncodeError> {
        Ok(Payload::Binary(self.0.clone()))
    }

    #[cfg(feature = "contract")]
    fn description() -> Description {
        Description::of::<Self>(Form::Binary)
    }
}
