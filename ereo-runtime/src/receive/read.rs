//! An event or a frame as the message that was sent.

use serde::de::value::{Error as TextError, StringDeserializer};
use serde::de::{DeserializeOwned, IntoDeserializer as _};
use serde_json::value::RawValue;

use crate::log::Position;
use crate::message::{Event, Message, Payload, Reading, Tagging};

/// A message that was received.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Received<T> {
    /// The event's name; none of an event without one, and of a socket's message.
    pub name: Option<String>,
    /// The message.
    pub data: T,
    /// Where it stands in its set's order: none where the stream has no positions of a set, and of a
    /// socket's message.
    pub position: Option<Position>,
}

impl<T> Received<T> {
    /// The offset of [`Received::position`].
    ///
    /// # Panics
    /// Where there is none.
    pub fn offset(&self) -> u64 {
        self.position.expect("the message has a position").offset()
    }
}

/// A message that can be read from an event stream: every [`Message`] that deserializes as serde has
/// written it, text as it is, and [`Event`] for whatever comes.
///
/// ```
/// use ereo_runtime::client::FromEvent;
/// use ereo_runtime::prelude::*;
///
/// #[derive(Debug, PartialEq, Serialize, Deserialize, Message)]
/// #[serde(rename_all = "snake_case")]
/// enum Feed {
///     UserLeft(u32),
/// }
///
/// let event = Feed::UserLeft(7).to_event().unwrap();
/// let read = Feed::from_event(event.event_str(), event.data_str().unwrap_or_default());
/// assert_eq!(read.unwrap(), Feed::UserLeft(7));
/// ```
///
/// A type that implements [`Message`] by hand and does not deserialize implements this one by hand as well.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be read from a stream",
    label = "this does not deserialize, or is no `Message`",
    note = "derive both beside what sends it: `#[derive(Serialize, Deserialize, Message)]`; `String` is the data as it is, `serde_json::Value` any JSON, and `Event` whatever comes"
)]
pub trait FromEvent: Sized {
    /// Reads the event of this name and data.
    ///
    /// # Errors
    /// When the data is not what the type deserializes from.
    fn from_event(name: Option<&str>, data: &str) -> Result<Self, ReadError>;
}

#[diagnostic::do_not_recommend]
impl<T: Message + DeserializeOwned> FromEvent for T {
    fn from_event(name: Option<&str>, data: &str) -> Result<Self, ReadError> {
        match (T::reading(), name) {
            (Reading::Text, _) => text(data),
            (Reading::Json, _) | (Reading::Enum(_), None) => json(data),
            (Reading::Enum(tagging), Some(name)) => json(&whole(tagging, name, data)?),
        }
    }
}

impl FromEvent for Event {
    fn from_event(name: Option<&str>, data: &str) -> Result<Self, ReadError> {
        let event = Self::new(data);
        match name {
            Some(name) => event.event(name).map_err(|error| ReadError(error.to_string())),
            None => Ok(event),
        }
    }
}

/// A message that can be read from a socket: every [`Message`] that deserializes as serde has written it,
/// text as it is, and [`Payload`] for whatever comes.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be read from a socket",
    label = "this does not deserialize, or is no `Message`",
    note = "derive both beside what sends it: `#[derive(Serialize, Deserialize, Message)]`; `String` is the text as it is, `serde_json::Value` any JSON, and `Payload` whatever comes"
)]
pub trait FromSocket: Sized {
    /// Reads what one message of a socket holds.
    ///
    /// # Errors
    /// When that is not what the type deserializes from.
    fn from_socket(payload: &Payload) -> Result<Self, ReadError>;
}

#[diagnostic::do_not_recommend]
impl<T: Message + DeserializeOwned> FromSocket for T {
    fn from_socket(payload: &Payload) -> Result<Self, ReadError> {
        let bytes: &[u8] = match payload {
            Payload::Text(text) => text.as_bytes(),
            Payload::Binary(bytes) => bytes,
        };
        let data = std::str::from_utf8(bytes).map_err(|error| ReadError(error.to_string()))?;
        if T::reading() == Reading::Text { text(data) } else { json(data) }
    }
}

impl FromSocket for Payload {
    fn from_socket(payload: &Payload) -> Result<Self, ReadError> {
        Ok(payload.clone())
    }
}

/// A message that is none of the expected type.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct ReadError(String);

fn json<T: DeserializeOwned>(data: &str) -> Result<T, ReadError> {
    serde_json::from_str(data).map_err(|error| ReadError(error.to_string()))
}

fn text<T: DeserializeOwned>(data: &str) -> Result<T, ReadError> {
    let text: StringDeserializer<TextError> = data.to_owned().into_deserializer();
    T::deserialize(text).map_err(|error| ReadError(error.to_string()))
}

/// The JSON that serde wrote, put together again from a variant's name and content.
fn whole(tagging: Tagging, name: &str, data: &str) -> Result<String, ReadError> {
    let quoted = |text: &str| serde_json::Value::from(text).to_string();
    if let Tagging::Internal(_) | Tagging::Untagged = tagging {
        return Ok(data.to_owned());
    }
    // One value and no more: nothing behind it may become another member.
    let content: &RawValue =
        serde_json::from_str(data).map_err(|error| ReadError(error.to_string()))?;
    Ok(match tagging {
        Tagging::Adjacent { tag, content: key } => {
            format!("{{{}:{},{}:{content}}}", quoted(tag), quoted(name), quoted(key))
        }
        _ => format!("{{{}:{content}}}", quoted(name)),
    })
}

#[cfg(test)]
mod tests;
