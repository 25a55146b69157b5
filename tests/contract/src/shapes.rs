//! Every shape that serde writes.

use std::collections::{BTreeMap, HashMap};

use renamed::prelude::*;

/// A struct with most of what fields can have.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Message, JsonSchema)]
#[message(crate = renamed)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Fields {
    /// Of 64 bits.
    pub large_number: u64,
    /// Negative ones, too.
    pub signed: i64,
    /// With a fraction.
    pub ratio: f64,
    /// Renamed alone.
    #[serde(rename = "type")]
    pub kind: char,
    /// There, or `null`.
    pub note: Option<String>,
    /// There, or not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
    /// Given or not, but always sent.
    #[serde(default)]
    pub tags: Vec<String>,
    /// Never there.
    #[serde(skip)]
    pub hidden: u8,
    /// Only sent.
    #[serde(skip_deserializing)]
    pub told: bool,
    /// By name.
    pub counts: BTreeMap<String, u32>,
    /// By number.
    pub by_number: HashMap<i16, bool>,
    /// By variant.
    pub by_unit: BTreeMap<Unit, u8>,
    /// Of fixed length.
    pub pair: (u8, String),
    /// Of one type.
    pub array: [u16; 3],
    /// Nothing at all.
    pub nothing: (),
    /// Written by a function.
    #[serde(with = "as_text")]
    pub by_function: u8,
    /// The same, said.
    #[serde(serialize_with = "as_text::serialize")]
    #[schemars(with = "String")]
    pub by_told_function: u8,
    /// As the standard library writes it.
    pub result: Result<u8, String>,
    /// The same.
    pub duration: Duration,
    /// More than one type deep.
    pub nested: Vec<Option<Unit>>,
}

mod as_text {
    use renamed::__private::serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(value: &u8, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&value.to_string())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u8, D::Error> {
        String::deserialize(deserializer).map(|text| text.parse().unwrap_or_default())
    }
}

/// Variants without content.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Message, JsonSchema,
)]
#[message(crate = renamed)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// The first.
    FirstPlace,
    #[serde(rename = "2nd")]
    SecondOne,
    Third,
}

/// A struct that variants hold.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Message, JsonSchema)]
#[message(crate = renamed)]
pub struct Notice {
    /// What it says.
    pub text: String,
    /// How much it matters.
    pub weight: u32,
}

/// A name for a number.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Message, JsonSchema)]
#[message(crate = renamed)]
pub struct Newtype(pub u32);

/// The number itself.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Message, JsonSchema)]
#[message(crate = renamed)]
#[serde(transparent)]
pub struct Transparent {
    /// Alone.
    pub inner: Newtype,
}

/// No names.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Message, JsonSchema)]
#[message(crate = renamed)]
pub struct Tuple(pub u8, pub Option<String>, #[serde(skip)] pub u8);

/// Of varying length.
#[derive(Debug, Clone, PartialEq, Serialize, Message, JsonSchema)]
#[message(crate = renamed)]
pub struct Varying(
    pub u8,
    #[serde(skip_serializing_if = "Option::is_none")] pub Option<u8>,
    pub u8,
);

/// Nothing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Message, JsonSchema)]
#[message(crate = renamed)]
pub struct Nothing;

/// No field.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Message, JsonSchema)]
#[message(crate = renamed)]
pub struct Empty {}

/// A struct with a tag.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Message, JsonSchema)]
#[message(crate = renamed)]
#[serde(tag = "kind", rename = "tagged_struct", deny_unknown_fields)]
pub struct Tagged {
    /// Beside the tag.
    pub value: u8,
}

/// Others' members among its own.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Message, JsonSchema)]
#[message(crate = renamed)]
pub struct Flattened {
    /// Its own.
    pub own: u8,
    /// A struct's.
    #[serde(flatten)]
    pub notice: Notice,
    /// Perhaps a struct's.
    #[serde(flatten)]
    pub perhaps: Option<Link>,
    /// An enum's.
    #[serde(flatten)]
    pub variant: Internal,
}

/// Others' members among its own, of any name.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Message, JsonSchema)]
#[message(crate = renamed)]
pub struct FlattenedMap {
    /// Its own.
    pub own: String,
    /// The rest.
    #[serde(flatten)]
    pub rest: BTreeMap<String, u8>,
}

/// An externally tagged one's.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Message, JsonSchema)]
#[message(crate = renamed)]
pub struct FlattenedExternal {
    /// Its own.
    pub own: u8,
    /// The variant's.
    #[serde(flatten)]
    pub variant: Flattable,
}

/// What can be flattened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Message, JsonSchema)]
#[message(crate = renamed)]
#[serde(rename_all = "snake_case")]
pub enum Flattable {
    /// A struct's.
    Notice(Notice),
    /// Its own.
    Link {
        /// Where to.
        to: String,
    },
}

/// Where to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Message, JsonSchema)]
#[message(crate = renamed)]
pub struct Link {
    /// Where to.
    pub href: String,
}

/// serde's default.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Message, JsonSchema)]
#[message(crate = renamed)]
#[serde(rename_all = "snake_case", rename_all_fields = "camelCase")]
pub enum External {
    /// Without content.
    UserLeft,
    Cleared,
    /// One value.
    Notification(Notice),
    /// With fields.
    ChatLine {
        /// Who.
        from_user: String,
        #[serde(skip_serializing_if = "String::is_empty")]
        text: String,
    },
    Pair(u8, String),
    Number(u64),
    Perhaps(Option<u8>),
    Unit(()),
    /// Its content is never sent.
    Skipped(#[serde(skip)] u8),
    /// Written by a function.
    ByFunction(#[serde(with = "as_text")] u8),
    #[serde(with = "as_text")]
    WholeByFunction(u8),
    VaryingPair(u8, #[serde(skip_serializing_if = "Option::is_none")] Option<u8>),
    #[serde(rename = "quo\"ted é")]
    Odd,
    /// Never sent.
    #[serde(skip)]
    Internal,
}

/// The tag among the fields.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Message, JsonSchema)]
#[message(crate = renamed)]
#[serde(tag = "type", rename_all = "snake_case", rename_all_fields = "camelCase")]
pub enum Internal {
    /// Without content.
    Bye,
    /// The fields of a struct.
    Line(Notice),
    UserJoined {
        user_id: String,
        seats: Option<u8>,
    },
    Nothing(Nothing),
    Map(BTreeMap<String, u8>),
    Inner(Adjacent),
    #[serde(untagged)]
    Bare {
        bare: u8,
    },
    #[serde(untagged)]
    Number(u8),
}

/// The tag beside the content.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Message, JsonSchema)]
#[message(crate = renamed)]
#[serde(tag = "t", content = "c", rename_all = "SCREAMING-KEBAB-CASE")]
pub enum Adjacent {
    OnlyTag,
    One(Notice),
    Pair(u8, u8),
    Fields { a: u8, b: Option<String> },
    Perhaps(Option<u8>),
    Nothing(()),
}

/// No tag.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Message, JsonSchema)]
#[message(crate = renamed)]
#[serde(untagged)]
pub enum Untagged {
    Nothing,
    Number(u32),
    Notice(Notice),
    Pair(bool, String),
    Fields { left: u8, right: Option<u8> },
}

/// Refers to itself.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Message, JsonSchema)]
#[message(crate = renamed)]
pub struct Tree {
    /// At this place.
    pub value: u8,
    /// Below it.
    pub children: Vec<Self>,
    /// Beside it.
    pub next: Option<Box<Tree>>,
}

/// Generic.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Message, JsonSchema)]
#[message(crate = renamed)]
pub struct Page<T> {
    /// What it has.
    pub items: Vec<T>,
    /// How many there are.
    pub total: u32,
}

/// Generic in two ways.
#[derive(Debug, Clone, PartialEq, Serialize, Message, JsonSchema)]
#[message(crate = renamed)]
pub enum Either<L, R> {
    /// The one.
    Left(L),
    /// The other.
    Right(R),
}

/// Given or not, field by field.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, Message, JsonSchema)]
#[message(crate = renamed)]
#[serde(default)]
pub struct Settings {
    /// How loud.
    pub volume: u8,
    /// What it is called.
    pub name: String,
}

/// Sent as another type, and taken as one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Message, JsonSchema)]
#[message(crate = renamed)]
#[serde(into = "Notice", from = "Notice")]
pub struct Converted(pub u8);

impl From<Converted> for Notice {
    fn from(value: Converted) -> Self {
        Self { text: value.0.to_string(), weight: 0 }
    }
}

impl From<Notice> for Converted {
    fn from(value: Notice) -> Self {
        Self(value.text.parse().unwrap_or_default())
    }
}

/// Borrowed, generic over a constant, with a bound, and named by a keyword.
#[derive(Debug, Clone, PartialEq, Serialize, Message, JsonSchema)]
#[message(crate = renamed)]
#[schemars(title = "What is borrowed")]
pub struct Borrowed<'a, T, const N: usize>
where
    T: Clone + ToString,
{
    /// Of another life.
    pub name: &'a str,
    /// Some.
    pub items: Vec<T>,
    /// A keyword.
    pub r#type: std::borrow::Cow<'a, str>,
    /// Below itself.
    pub below: Option<Box<Self>>,
    /// Not to be used any more.
    #[deprecated]
    pub old: u8,
}
