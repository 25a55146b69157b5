//! What `#[derive(Message)]` calls: the derive itself only says which of these fits.

use bytestring::ByteString;
use serde::Serialize;

use super::variant::{self, Tagging};
use super::{EncodeError, Frame, to_json};
use crate::sse::Event;

/// An unnamed event with the JSON of the whole value as data.
///
/// # Errors
/// When the value cannot be serialized.
pub fn struct_event<T: Serialize + ?Sized>(value: &T) -> Result<Event, EncodeError> {
    Ok(Event::new(to_json(value)?))
}

/// An event named after the variant, with the variant's content as data.
///
/// # Errors
/// When the value cannot be serialized, or the variant's name has a line break.
pub fn enum_event<T: Serialize + ?Sized>(
    value: &T,
    tagging: Tagging,
) -> Result<Event, EncodeError> {
    let (name, data) = variant::name_and_content(value, tagging)?;
    let event = Event::new(data);
    match name {
        Some(name) => Ok(event.event(name)?),
        None => Ok(event),
    }
}

/// A text frame with the JSON of the whole value.
///
/// # Errors
/// When the value cannot be serialized.
pub fn json_frame<T: Serialize + ?Sized>(value: &T) -> Result<Frame, EncodeError> {
    Ok(Frame::Text(ByteString::from(to_json(value)?)))
}
