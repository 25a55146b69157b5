//! The twin of a type that derives `JsonSchema` (`ereo-macros`, `json_schema.rs`): schemars tells what it refuses
//! of it, and nothing else fails because of it.

use std::borrow::Cow;
use std::marker::PhantomData;

use schemars::{JsonSchema, Schema, SchemaGenerator};

/// A twin. `<Twin<T>>::..` are the functions below where schemars has derived its trait, else those of
/// [`RefusedBySchemars`]: inherent ones go first.
#[derive(Debug)]
pub struct Twin<T: ?Sized>(PhantomData<T>);

impl<T: JsonSchema + ?Sized> Twin<T> {
    /// As of [`JsonSchema`].
    pub fn schema_name() -> Cow<'static, str> {
        T::schema_name()
    }

    /// As of [`JsonSchema`].
    pub fn schema_id() -> Cow<'static, str> {
        T::schema_id()
    }

    /// As of [`JsonSchema`].
    pub fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        T::json_schema(generator)
    }

    /// As of [`JsonSchema`].
    pub fn inline_schema() -> bool {
        T::inline_schema()
    }
}

/// What stands for the functions of a twin that schemars has refused: what does not compile is not called.
pub trait RefusedBySchemars {
    /// Nothing.
    fn schema_name() -> Cow<'static, str> {
        Cow::Borrowed("")
    }

    /// Nothing.
    fn schema_id() -> Cow<'static, str> {
        Cow::Borrowed("")
    }

    /// Nothing.
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        false.into()
    }

    /// Nothing.
    fn inline_schema() -> bool {
        false
    }
}

impl<T: ?Sized> RefusedBySchemars for Twin<T> {}
