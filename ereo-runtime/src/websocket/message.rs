//! Messages that a socket receives: texts and bytes as they are, all else from JSON.

use std::any::Any;

use bytes::Bytes;
use bytestring::ByteString;
use serde::de::DeserializeOwned;

use super::error::DecodeError;
use super::json;
#[cfg(feature = "contract")]
use crate::message::{Description, Form};
use crate::message::{EncodeError, Event, Message, Payload};

/// A text as it is, like a `String`, and without copying it.
///
/// ```
/// use ereo_runtime::Text;
/// use ereo_runtime::prelude::*;
///
/// #[websocket("/shout")]
/// async fn shout(mut socket: Socket<Text, Text>) -> Result<(), SocketError> {
///     while let Some(Text(line)) = socket.recv().await? {
///         socket.send(&Text(line.to_uppercase().into())).await?;
///     }
///     Ok(())
/// }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text(pub ByteString);

/// A binary message as it is.
///
/// ```
/// use ereo_runtime::Binary;
/// use ereo_runtime::prelude::*;
///
/// #[websocket("/upload", max_message = "1MiB")]
/// async fn upload(mut socket: Socket<Binary, u64>) -> Result<(), SocketError> {
///     let mut received = 0;
///     while let Some(Binary(chunk)) = socket.recv().await? {
///         received += chunk.len() as u64;
///     }
///     tracing::info!(received, "uploaded");
///     Ok(())
/// }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binary(pub Bytes);

/// A type that a socket can receive, of which each takes what it sends ([`Message`]):
///
/// | type | takes |
/// |---|---|
/// | `String`, [`Text`] | a text, as it is |
/// | [`Bytes`], [`Binary`] | a binary message, as it is |
/// | [`Payload`] | either, as it is |
/// | [`Mixed<T>`](crate::websocket::Mixed) | a text as `T`, a binary message as it is |
/// | any other type that is `Deserialize` | JSON |
///
/// Text where bytes are taken, and the reverse, closes with 1003. (Where a dependency turns on the feature
/// `serde` of `bytes`, receive `Binary` in the place of `Bytes`.)
///
/// `Kind` keeps JSON and the raw types apart: these do not implement `Deserialize`, so for every type the compiler
/// finds one kind only and it need never be written.
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

// None of them is recommended: a type without one is told so in the words of `FromPayload`, without a list.
#[diagnostic::do_not_recommend]
impl<T: DeserializeOwned + 'static> FromPayload<Json> for T {
    fn from_payload(frame: Payload) -> Result<Self, DecodeError> {
        // The one type that serde knows as well and that is no JSON as a message.
        let mut itself = None::<Self>;
        if let Some(text) = (&mut itself as &mut dyn Any).downcast_mut::<Option<String>>() {
            *text = Some(Text::from_payload(frame.clone())?.0.into());
        }
        match itself {
            Some(text) => Ok(text),
            None => Ok(json::read(&frame)?),
        }
    }
}

#[diagnostic::do_not_recommend]
impl FromPayload<Raw> for Payload {
    fn from_payload(frame: Payload) -> Result<Self, DecodeError> {
        Ok(frame)
    }
}

#[diagnostic::do_not_recommend]
impl FromPayload<Raw> for Text {
    fn from_payload(frame: Payload) -> Result<Self, DecodeError> {
        match frame {
            Payload::Text(text) => Ok(Self(text)),
            Payload::Binary(_) => Err(DecodeError::NotText),
        }
    }
}

#[diagnostic::do_not_recommend]
impl FromPayload<Raw> for Binary {
    fn from_payload(frame: Payload) -> Result<Self, DecodeError> {
        match frame {
            Payload::Binary(bytes) => Ok(Self(bytes)),
            Payload::Text(_) => Err(DecodeError::NotBinary),
        }
    }
}

#[diagnostic::do_not_recommend]
impl FromPayload<Raw> for Bytes {
    fn from_payload(frame: Payload) -> Result<Self, DecodeError> {
        Binary::from_payload(frame).map(|Binary(bytes)| bytes)
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
