//! What a contract says of a message's type, as its derive and the routes' attributes tell it.

use std::marker::PhantomData;

use schemars::{JsonSchema, Schema, SchemaGenerator};

use super::variant::Tagging;

/// Writes a type's schema into a generator, and gives a reference to it.
pub type Describe = fn(&mut SchemaGenerator) -> Schema;

/// A message's type.
#[derive(Debug, Clone, Copy)]
pub struct Description {
    /// What becomes of it on the wire.
    pub form: Form,
    /// `None`: the type derives no `JsonSchema`, or none that the derive of `Message` can see.
    pub schema: Option<Describe>,
}

/// What becomes of a message on the wire.
#[derive(Debug, Clone, Copy)]
pub enum Form {
    /// An unnamed event, and a text frame, with the JSON of the whole.
    Json,
    /// A named event for each variant.
    Variants {
        /// How serde writes the variants.
        tagging: Tagging,
        /// How many of them, the last ones, have no name.
        untagged: usize,
    },
    /// Text that is no JSON.
    Text,
    /// A binary frame.
    Binary,
    /// Events of any name with any data.
    Events,
}

impl Description {
    /// A message of which nothing is known.
    pub const UNKNOWN: Self = Self { form: Form::Json, schema: None };

    /// A message of a form, with the schema of its type.
    pub const fn of<T: JsonSchema>(form: Form) -> Self {
        Self { form, schema: Some(describe::<T>) }
    }
}

fn describe<T: JsonSchema + ?Sized>(generator: &mut SchemaGenerator) -> Schema {
    generator.subschema_for::<T>()
}

/// A type. `<Probe<T>>::SCHEMA` is the constant below where `T` has a schema, else the one of [`NoSchema`]:
/// inherent ones go first.
#[derive(Debug)]
pub struct Probe<T: ?Sized>(PhantomData<T>);

impl<T: JsonSchema + ?Sized> Probe<T> {
    /// The type's.
    pub const SCHEMA: Option<Describe> = Some(describe::<T>);
}

/// What every type has without a schema of its own.
pub trait NoSchema {
    /// None.
    const SCHEMA: Option<Describe> = None;
}

impl<T: ?Sized> NoSchema for T {}

/// Any JSON, of a type that serde writes by a function.
#[derive(Debug)]
pub struct Any(());

impl JsonSchema for Any {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Any".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        true.into()
    }
}

/// Stands for a field's default value, which no contract asks for.
pub fn no_default() -> Any {
    Any(())
}

/// Stands for what decides whether a field is left out.
pub fn is_left_out<T>(_: &T) -> bool {
    true
}
