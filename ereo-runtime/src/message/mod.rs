//! What can be sent: [`Message`], how it looks as a server-sent event and as a WebSocket frame.

mod derived;
#[cfg(feature = "contract")]
#[doc(hidden)]
pub mod description;
mod encode_error;
mod event;
mod heard;
#[cfg(feature = "contract")]
#[doc(hidden)]
pub mod identity;
mod members;
mod refused;
mod room_refused;
#[cfg(feature = "contract")]
#[doc(hidden)]
pub mod twin;
mod uncompressed;
mod variant;

use bytes::Bytes;
use bytestring::ByteString;
use serde::Serialize;

pub(crate) use derived::json_payload;
use derived::struct_event;
#[doc(hidden)]
pub use derived::{Derived, Serializes, derived};
#[cfg(feature = "contract")]
#[doc(hidden)]
pub use description::{Describe, Description, Form, NoSchema, Probe};
pub use encode_error::EncodeError;
pub use event::{Event, InvalidField};
#[doc(hidden)]
pub use refused::{Perhaps, RefusedBySerde};
pub use room_refused::RoomRefused;
pub use uncompressed::Uncompressed;
pub(crate) use uncompressed::may_be_compressed;
#[doc(hidden)]
pub use variant::Tagging;

/// A value that can be sent to clients: serializable, with an optional event name.
///
/// Derive it beside `Serialize`: a struct becomes an unnamed event with its JSON as data; an enum
/// becomes named events, the variant (after serde's renames) being the name and its content the
/// data. The name comes from the type and from nothing that a value holds: what is
/// `#[serde(untagged)]`, the enum or one variant, is an unnamed event with the whole JSON, and so is an
/// enum that a `Serialize` by hand writes otherwise than as a variant.
///
/// A text is itself, bytes are themselves, and everything else is its JSON; what a socket takes follows the same
/// rule ([`FromFrame`](crate::websocket::FromPayload)).
///
/// | type | server-sent event | WebSocket frame |
/// |---|---|---|
/// | derived struct | `data: {json}` | text, the JSON |
/// | derived enum | `event: variant`, `data: {content}` | text, serde's JSON of the whole |
/// | `String`, `&str`, [`Text`](crate::Text) | `data: text` | text |
/// | [`Value`](serde_json::Value) | `data: {json}` | text, the JSON |
/// | [`Bytes`], [`Binary`](crate::Binary) | `data: text`, or an error if not UTF-8 | binary |
/// | [`Mixed<T>`](crate::Mixed) | that of `T`, or of `Bytes` | that of `T`, or binary |
/// | `Event` | itself | text, its data |
/// | [`Uncompressed<T>`](Uncompressed) | that of `T` | that of `T`, never compressed |
///
/// ```
/// use ereo_runtime::{Message, Payload};
/// use ereo_runtime::prelude::Serialize;
///
/// #[derive(Serialize, Message)]
/// struct Price { symbol: &'static str, cents: u64 }
///
/// let price = Price { symbol: "ACME", cents: 1250 };
/// let json = r#"{"symbol":"ACME","cents":1250}"#;
/// assert_eq!(price.to_event()?.data_str(), Some(json));
/// assert_eq!(price.to_payload()?, Payload::Text(json.into()));
/// # Ok::<_, ereo_runtime::EncodeError>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be sent to clients",
    label = "this is no `Message`",
    note = "of a type of your own, derive it: `#[derive(Serialize, Message)]`; put one of another crate, a list or a map into a struct of your own that derives it, or send its JSON as a `serde_json::Value`; `String`, `Value`, `Bytes` and `Event` are messages as they are"
)]
pub trait Message {
    /// The message as a server-sent event, without an id of its own where the set gives one.
    ///
    /// # Errors
    /// When the value cannot be serialized, or has no form as an event.
    fn to_event(&self) -> Result<Event, EncodeError>;

    /// The message as the payload of one WebSocket message.
    ///
    /// # Errors
    /// When the value cannot be serialized, or has no form as a frame.
    fn to_payload(&self) -> Result<Payload, EncodeError>;

    /// How the message is read again by who receives it.
    #[doc(hidden)]
    fn reading() -> Reading
    where
        Self: Sized,
    {
        Reading::Json
    }

    /// What a contract says of the type.
    #[cfg(feature = "contract")]
    #[doc(hidden)]
    fn description() -> Description
    where
        Self: Sized,
    {
        Description::UNKNOWN
    }
}

/// How what was sent is read again: the other side of [`Message`].
#[doc(hidden)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reading {
    /// The data is the value's JSON, whatever the event's name.
    Json,
    /// The data is the text itself.
    Text,
    /// Of an event with a name the data is a variant's content.
    Enum(Tagging),
}

/// A [`Message`], without a list of whatever is one where a type is none.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be sent to clients",
    label = "this is no `Message`",
    note = "of a type of your own, derive it: `#[derive(Serialize, Message)]`; put one of another crate, a list or a map into a struct of your own that derives it, or send its JSON as a `serde_json::Value`; `String`, `Value`, `Bytes` and `Event` are messages as they are"
)]
pub trait Sendable: Message {}

#[diagnostic::do_not_recommend]
impl<T: Message + ?Sized> Sendable for T {}

/// The payload of one WebSocket message, not yet framed (RFC 6455 section 5.6).
///
/// ```
/// use ereo_runtime::Payload;
/// use ereo_runtime::prelude::*;
///
/// #[websocket("/mirror")]
/// async fn mirror(mut socket: Socket<Payload, Payload>) -> Result<(), SocketError> {
///     while let Some(message) = socket.recv().await? {
///         socket.send(&message).await?;
///     }
///     Ok(())
/// }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Payload {
    /// Opcode 1.
    Text(ByteString),
    /// Opcode 2.
    Binary(Bytes),
}

impl Message for String {
    fn to_event(&self) -> Result<Event, EncodeError> {
        self.as_str().to_event()
    }

    fn to_payload(&self) -> Result<Payload, EncodeError> {
        self.as_str().to_payload()
    }

    fn reading() -> Reading {
        Reading::Text
    }

    #[cfg(feature = "contract")]
    fn description() -> Description {
        Description::of::<Self>(Form::Text)
    }
}

impl Message for str {
    fn to_event(&self) -> Result<Event, EncodeError> {
        Ok(Event::new(self))
    }

    fn to_payload(&self) -> Result<Payload, EncodeError> {
        Ok(Payload::Text(ByteString::from(self)))
    }
}

impl Message for serde_json::Value {
    fn to_event(&self) -> Result<Event, EncodeError> {
        struct_event(self)
    }

    fn to_payload(&self) -> Result<Payload, EncodeError> {
        json_payload(self)
    }

    #[cfg(feature = "contract")]
    fn description() -> Description {
        Description::of::<Self>(Form::Json)
    }
}

impl Message for Bytes {
    fn to_event(&self) -> Result<Event, EncodeError> {
        let text = std::str::from_utf8(self).map_err(|_| EncodeError::NotText)?;
        Ok(Event::new(text))
    }

    fn to_payload(&self) -> Result<Payload, EncodeError> {
        Ok(Payload::Binary(self.clone()))
    }

    #[cfg(feature = "contract")]
    fn description() -> Description {
        Description { form: Form::Binary, schema: None }
    }
}

impl Message for Event {
    fn to_event(&self) -> Result<Event, EncodeError> {
        Ok(self.clone())
    }

    fn to_payload(&self) -> Result<Payload, EncodeError> {
        Ok(Payload::Text(ByteString::from(self.data_str().unwrap_or_default())))
    }

    #[cfg(feature = "contract")]
    fn description() -> Description {
        Description { form: Form::Events, schema: None }
    }
}

impl<M: Message + ?Sized> Message for &M {
    fn to_event(&self) -> Result<Event, EncodeError> {
        (**self).to_event()
    }

    fn to_payload(&self) -> Result<Payload, EncodeError> {
        (**self).to_payload()
    }
}

/// Serializes to JSON text; the one place where serde's errors become ours.
pub(crate) fn to_json<T: Serialize + ?Sized>(value: &T) -> Result<String, EncodeError> {
    serde_json::to_string(value).map_err(EncodeError::Serialize)
}
