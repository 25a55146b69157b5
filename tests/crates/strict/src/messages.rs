//! Derives of every shape.

use std::fmt;

use ereo_runtime::prelude::{Deserialize, Message, Serialize};

/// Plain, with what is absent by default.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, Message)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct Defaults {
    /// A number.
    pub small_number: u8,
    /// A text.
    #[serde(default = "nobody", alias = "who")]
    pub name: String,
    /// Absent.
    #[serde(skip)]
    pub(crate) hidden: Option<u8>,
}

/// The default of a field.
fn nobody() -> String {
    String::from("nobody")
}

/// With a default of the type's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Message)]
#[serde(default = "Place::origin")]
#[non_exhaustive]
pub struct Place {
    /// East.
    pub x: i32,
    /// North.
    pub y: i32,
}

impl Place {
    /// Where one begins.
    const fn origin() -> Self {
        Self { x: 0, y: 0 }
    }
}

/// Copies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Message)]
#[non_exhaustive]
pub struct Unit;

/// Copies as well.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Message)]
pub struct Number(u32);

/// Borrows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Message)]
pub struct Borrowed<'text> {
    /// The text.
    #[serde(borrow)]
    text: &'text str,
}

/// Generic, with bounds of every kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Message)]
pub struct Bounded<T: Clone, U = u8, const N: usize = 2>
where
    U: fmt::Debug,
{
    /// The one.
    pub(crate) first: T,
    /// The other.
    pub(crate) second: Vec<U>,
    /// None.
    #[serde(skip)]
    pub(crate) places: Place2<N>,
}

/// Has no value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Place2<const N: usize>;

/// Internally tagged.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Message)]
#[serde(tag = "type", rename_all = "snake_case", rename_all_fields = "camelCase")]
#[non_exhaustive]
pub enum Tagged {
    /// Nothing.
    UserLeft,
    /// A struct.
    Moved(Place),
    /// Fields.
    Renamed {
        /// Before.
        old_name: String,
        /// After.
        #[serde(skip_serializing_if = "Option::is_none")]
        new_name: Option<String>,
    },
    /// Old.
    #[deprecated(note = "use `Moved`")]
    Walked {
        /// How far.
        #[deprecated(note = "nobody knows")]
        far: f64,
    },
}

/// Externally tagged, one of them untagged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Message)]
#[non_exhaustive]
pub enum Mixed<T> {
    /// Nothing.
    Left {},
    /// Two.
    Pair(u8, T),
    /// Anything.
    #[serde(untagged)]
    Other(String),
}

/// In a macro by example.
macro_rules! message {
    ($(#[$attribute:meta])* $visibility:vis struct $name:ident { $($field_visibility:vis $field:ident: $ty:ty = $rename:literal),* $(,)? }) => {
        $(#[$attribute])*
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Message)]
        $visibility struct $name {
            $(
                /// A field.
                #[serde(rename = $rename)]
                $field_visibility $field: $ty,
            )*
        }
    };
    ($visibility:vis enum $name:ident { $($variant:ident($ty:ty) = $rename:literal),* $(,)? }) => {
        /// By a macro.
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Message)]
        #[non_exhaustive]
        $visibility enum $name {
            $(
                /// A variant.
                #[serde(rename = $rename)]
                $variant($ty),
            )*
            /// The rest.
            #[serde(untagged)]
            Rest(String),
        }
    };
    (fixed) => {
        /// With the name of the macro's own.
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Message)]
        pub struct Fixed {
            /// A field.
            text: String,
        }

        /// The same, an enum.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Message)]
        #[non_exhaustive]
        pub enum FixedEnum {
            /// A variant.
            One(u8),
            /// A variant.
            #[serde(untagged)]
            Two(u8),
        }
    };
}

message! {
    /// By a macro.
    #[non_exhaustive]
    pub struct Made { pub text: String = "t", pub number: u8 = "n" }
}
message!(
    pub enum MadeEnum {
        One(u8) = "one",
        Two(String) = "two",
    }
);
message!(fixed);

/// A raw name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Message)]
pub struct Raw {
    /// A raw field.
    r#type: String,
    /// Another one.
    r#self_: u8,
}

/// Written by others.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Message)]
#[serde(transparent)]
pub struct Clear {
    /// All of it.
    inner: Made,
}

/// One in another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Message)]
pub struct Flat {
    /// Its fields.
    #[serde(flatten)]
    inner: Defaults,
    /// With functions of its own.
    #[serde(with = "as_text", default)]
    number: u8,
}

/// A number as a text.
mod as_text {
    use ereo_runtime::prelude::{Deserialize, Serialize};

    /// How serde asks for it.
    #[allow(clippy::trivially_copy_pass_by_ref, reason = "as serde has it")]
    pub(super) fn serialize<S: serde::Serializer>(
        number: &u8,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        number.to_string().serialize(serializer)
    }

    /// How serde asks for it.
    pub(super) fn deserialize<'de, D: serde::Deserializer<'de>>(
        deserializer: D,
    ) -> Result<u8, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[test]
fn all_is_used() -> Result<(), ereo_runtime::EncodeError> {
    let events = [
        Defaults::default().to_event()?,
        Place::origin().to_event()?,
        Unit.to_event()?,
        Number(1).to_event()?,
        Borrowed { text: "a" }.to_event()?,
        Bounded { first: 1_u8, second: vec![1_u8], places: Place2::<2> }.to_event()?,
        Tagged::UserLeft.to_event()?,
        Mixed::Pair(1, 2_u8).to_event()?,
        Made { text: String::new(), number: 1 }.to_event()?,
        MadeEnum::One(1).to_event()?,
        Fixed { text: String::new() }.to_event()?,
        FixedEnum::One(1).to_event()?,
        FixedEnum::Two(1).to_event()?,
        Raw { r#type: String::new(), self_: 1 }.to_event()?,
        Clear { inner: Made { text: String::new(), number: 1 } }.to_event()?,
        Flat { inner: Defaults::default(), number: 1 }.to_event()?,
    ];
    assert_eq!(events.len(), 16);
    Ok(())
}
