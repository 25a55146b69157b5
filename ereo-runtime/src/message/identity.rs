//! Which type a schema is of: what the derive of `JsonSchema` writes into a contract's schemas, so that two
//! types of one name are told apart by their modules.

use std::fmt::Display;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde_json::{Value, json};

/// The key of a schema under which its type's identity stands until the contract has named it.
pub(crate) const IDENTITY: &str = "x-ereo-identity";

/// The `$schema` by which a contract's own generator is known: the schemas of others stay as schemars
/// writes them.
pub(crate) const OF_A_CONTRACT: &str = "ereo:contract";

/// A type as its derive sees it.
#[derive(Debug)]
pub struct Identity<'a> {
    /// Its name, after renames.
    pub name: &'static str,
    /// `module_path!()`.
    pub module: &'static str,
    /// Where the derive stands: two functions of a module may have a type of one name.
    pub file: &'static str,
    /// Its line.
    pub line: u32,
    /// Its column.
    pub column: u32,
    /// What it is generic over.
    pub parameters: &'a [ParameterOf],
}

/// What stands for a generic parameter.
#[derive(Debug)]
pub struct ParameterOf {
    name: String,
    identity: String,
}

impl ParameterOf {
    /// A type.
    pub fn ty<T: JsonSchema + ?Sized>() -> Self {
        Self { name: T::schema_name().into_owned(), identity: T::schema_id().into_owned() }
    }

    /// A constant.
    pub fn value(value: impl Display) -> Self {
        let value = value.to_string();
        Self { name: value.clone(), identity: value }
    }
}

impl Identity<'_> {
    /// `Page`, or `Page_of_Line` where it is generic.
    pub fn schema_name(&self) -> std::borrow::Cow<'static, str> {
        let names: Vec<_> = self.parameters.iter().map(|parameter| &*parameter.name).collect();
        match names.as_slice() {
            [] => self.name.into(),
            names => format!("{}_of_{}", self.name, names.join("_and_")).into(),
        }
    }

    /// What no other type has.
    pub fn schema_id(&self) -> std::borrow::Cow<'static, str> {
        let Self { name, module, file, line, column, .. } = self;
        let parameters: Vec<_> =
            self.parameters.iter().map(|parameter| &*parameter.identity).collect();
        let parameters = parameters.join(", ");
        format!("{module}::{name}<{parameters}>@{file}:{line}:{column}").into()
    }
}

/// The schema with the type's identity, for a contract.
pub fn identified(
    mut schema: Schema,
    identity: &Identity<'_>,
    generator: &SchemaGenerator,
) -> Schema {
    if is_of_a_contract(generator) {
        let value = json!({
            "id": identity.schema_id(),
            "label": identity.schema_name(),
            "module": identity.module,
            "name": identity.name,
            "parameters": identity.parameters.iter().map(|parameter| &parameter.identity).collect::<Vec<_>>(),
        });
        schema.insert(IDENTITY.to_owned(), value);
    }
    schema
}

fn is_of_a_contract(generator: &SchemaGenerator) -> bool {
    generator.settings().meta_schema.as_deref() == Some(OF_A_CONTRACT)
}

/// A struct's schema with the tag that serde writes before its fields, and reads over.
pub fn tagged(mut schema: Schema, tag: &str, name: &str, generator: &SchemaGenerator) -> Schema {
    let object = schema.ensure_object();
    let properties = object.entry("properties").or_insert_with(|| json!({}));
    if let Value::Object(properties) = properties {
        properties.insert(tag.to_owned(), json!({ "type": "string", "const": name }));
    }
    if generator.contract().is_serialize() {
        let required = object.entry("required").or_insert_with(|| json!([]));
        if let Value::Array(required) = required {
            required.insert(0, tag.into());
        }
    }
    schema
}
