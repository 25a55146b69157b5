//! What `#[derive(Message)]` calls: the derive itself only says which of these fits.

use bytestring::ByteString;
use serde::Serialize;

use super::encode_error::EncodeError;
use super::event::Event;
use super::variant::{self, Tagging};
use super::{Payload, to_json};

/// An unnamed event with the JSON of the whole value as data.
///
/// # Errors
/// When the value cannot be serialized.
pub(super) fn struct_event<T: Serialize + ?Sized>(value: &T) -> Result<Event, EncodeError> {
    Ok(Event::new(to_json(value)?))
}

/// An event named after the variant, with the variant's content as data.
///
/// # Errors
/// When the value cannot be serialized, or the variant's name is one that no event may have.
fn enum_event<T: Serialize + ?Sized>(value: &T, tagging: Tagging) -> Result<Event, EncodeError> {
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
pub(crate) fn json_payload<T: Serialize + ?Sized>(value: &T) -> Result<Payload, EncodeError> {
    Ok(Payload::Text(ByteString::from(to_json(value)?)))
}

/// A value of a type with `#[derive(Message)]`, known to serialize.
#[derive(Debug)]
pub struct Derived<'a, T: ?Sized> {
    value: &'a T,
    struct_event: fn(&T) -> Result<Event, EncodeError>,
    enum_event: fn(&T, Tagging) -> Result<Event, EncodeError>,
    frame: fn(&T) -> Result<Payload, EncodeError>,
}

/// A type that serde can write.
#[diagnostic::on_unimplemented(
    message = "`{Self}` derives `Message` but not `Serialize`",
    label = "this does not serialize",
    note = "a message is sent as serde writes it: `#[derive(Serialize, Message)]`"
)]
pub trait Serializes: Serialize {}

#[diagnostic::do_not_recommend]
impl<T: Serialize + ?Sized> Serializes for T {}

/// Takes the message.
///
/// An expansion uses it twice. Both uses begin with this call, and only it has a bound: a type that
/// does not serialize is then twice the same error, which rustc shows once.
pub fn derived<T: Serializes + ?Sized>(value: &T) -> Derived<'_, T> {
    Derived { value, struct_event, enum_event, frame: json_payload }
}

impl<T: ?Sized> Derived<'_, T> {
    /// The event of a struct.
    ///
    /// # Errors
    /// When the value cannot be serialized.
    pub fn struct_event(&self) -> Result<Event, EncodeError> {
        (self.struct_event)(self.value)
    }

    /// The event of an enum's variant.
    ///
    /// # Errors
    /// When the value cannot be serialized, or the variant's name is one that no event may have.
    pub fn enum_event(&self, tagging: Tagging) -> Result<Event, EncodeError> {
        (self.enum_event)(self.value, tagging)
    }

    /// The frame.
    ///
    /// # Errors
    /// When the value cannot be serialized.
    pub fn frame(&self) -> Result<Payload, EncodeError> {
        (self.frame)(self.value)
    }
}
