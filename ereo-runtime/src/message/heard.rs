//! The name of a value's variant, as serde's derive says it to a serializer.
//!
//! The derive calls a method of its own for a variant, or writes the tag before anything else. So the
//! name comes from the type, with every rename of serde's, and nothing that a value holds is taken
//! for one. Hearing ends with the name: no content is looked at.

use std::fmt::{self, Display};

use serde::ser::{Impossible, SerializeMap, SerializeStruct};
use serde::{Serialize, Serializer};

use super::variant::Tagging;

/// The name, where serde says one.
pub(super) fn variant<T: Serialize + ?Sized>(value: &T, tagging: Tagging) -> Option<String> {
    let awaited = match tagging {
        Tagging::Untagged => return None,
        Tagging::External => Awaited::Variant,
        Tagging::Internal(tag) | Tagging::Adjacent { tag, .. } => Awaited::Member(tag),
    };
    match value.serialize(Listener(awaited)) {
        Err(Heard::Name(name)) => Some(name),
        Err(Heard::Other) => None,
        Ok(never) => match never {},
    }
}

/// What is listened for.
#[derive(Clone, Copy)]
enum Awaited {
    /// A variant, by any of the serializer's four methods.
    Variant,
    /// A struct or a map that begins with this member.
    Member(&'static str),
    /// A text.
    Text,
}

/// What ends a serialization: a listener takes in nothing.
#[derive(Debug)]
enum Heard {
    Name(String),
    Other,
}

impl Display for Heard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("only the variant's name is listened for")
    }
}

impl std::error::Error for Heard {}

impl serde::ser::Error for Heard {
    fn custom<T: Display>(_: T) -> Self {
        Self::Other
    }
}

enum Never {}

type Nothing = Impossible<Never, Heard>;

#[derive(Clone, Copy)]
struct Listener(Awaited);

impl Listener {
    fn variant<R>(self, name: &str) -> Result<R, Heard> {
        match self.0 {
            // An adjacent tag is written as a variant without content.
            Awaited::Variant | Awaited::Text => Err(Heard::Name(name.to_owned())),
            Awaited::Member(_) => Err(Heard::Other),
        }
    }

    fn members(self) -> Result<First, Heard> {
        match self.0 {
            Awaited::Member(tag) => Ok(First { tag, is_tag: false }),
            Awaited::Variant | Awaited::Text => Err(Heard::Other),
        }
    }
}

/// Hears the first member, which ends it.
struct First {
    tag: &'static str,
    /// Whether the key that was written is the tag.
    is_tag: bool,
}

impl First {
    fn value<T: Serialize + ?Sized>(&self, value: &T) -> Result<(), Heard> {
        if !self.is_tag {
            return Err(Heard::Other);
        }
        value.serialize(Listener(Awaited::Text)).map(|never| match never {})
    }
}

impl SerializeStruct for First {
    type Ok = Never;
    type Error = Heard;

    fn serialize_field<T>(&mut self, key: &'static str, value: &T) -> Result<(), Heard>
    where
        T: Serialize + ?Sized,
    {
        self.is_tag = key == self.tag;
        self.value(value)
    }

    fn end(self) -> Result<Never, Heard> {
        Err(Heard::Other)
    }
}

impl SerializeMap for First {
    type Ok = Never;
    type Error = Heard;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Heard> {
        match key.serialize(Listener(Awaited::Text)) {
            Err(Heard::Name(key)) if key == self.tag => {
                self.is_tag = true;
                Ok(())
            }
            _ => Err(Heard::Other),
        }
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Heard> {
        self.value(value)
    }

    fn end(self) -> Result<Never, Heard> {
        Err(Heard::Other)
    }
}

/// Methods that say no name.
macro_rules! others {
    ($($method:ident($($argument:ty),*) -> $given:ty;)*) => {$(
        fn $method(self, $(_: $argument),*) -> Result<$given, Heard> {
            Err(Heard::Other)
        }
    )*};
}

impl Serializer for Listener {
    type Ok = Never;
    type Error = Heard;
    type SerializeSeq = Nothing;
    type SerializeTuple = Nothing;
    type SerializeTupleStruct = Nothing;
    type SerializeTupleVariant = Nothing;
    type SerializeMap = First;
    type SerializeStruct = First;
    type SerializeStructVariant = Nothing;

    others! {
        serialize_bool(bool) -> Never;
        serialize_i8(i8) -> Never;
        serialize_i16(i16) -> Never;
        serialize_i32(i32) -> Never;
        serialize_i64(i64) -> Never;
        serialize_i128(i128) -> Never;
        serialize_u8(u8) -> Never;
        serialize_u16(u16) -> Never;
        serialize_u32(u32) -> Never;
        serialize_u64(u64) -> Never;
        serialize_u128(u128) -> Never;
        serialize_f32(f32) -> Never;
        serialize_f64(f64) -> Never;
        serialize_char(char) -> Never;
        serialize_bytes(&[u8]) -> Never;
        serialize_none() -> Never;
        serialize_unit() -> Never;
        serialize_unit_struct(&'static str) -> Never;
        serialize_seq(Option<usize>) -> Nothing;
        serialize_tuple(usize) -> Nothing;
        serialize_tuple_struct(&'static str, usize) -> Nothing;
    }

    fn serialize_str(self, text: &str) -> Result<Never, Heard> {
        match self.0 {
            Awaited::Text => Err(Heard::Name(text.to_owned())),
            Awaited::Variant | Awaited::Member(_) => Err(Heard::Other),
        }
    }

    fn serialize_some<T: Serialize + ?Sized>(self, _: &T) -> Result<Never, Heard> {
        Err(Heard::Other)
    }

    fn serialize_newtype_struct<T>(self, _: &'static str, _: &T) -> Result<Never, Heard>
    where
        T: Serialize + ?Sized,
    {
        Err(Heard::Other)
    }

    fn serialize_unit_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
    ) -> Result<Never, Heard> {
        self.variant(variant)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: &T,
    ) -> Result<Never, Heard> {
        self.variant(variant)
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Nothing, Heard> {
        self.variant(variant)
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Nothing, Heard> {
        self.variant(variant)
    }

    fn serialize_map(self, _: Option<usize>) -> Result<First, Heard> {
        self.members()
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<First, Heard> {
        self.members()
    }

    fn collect_str<T: Display + ?Sized>(self, _: &T) -> Result<Never, Heard> {
        Err(Heard::Other)
    }
}
