//! What a contract says of a socket: both of its types, as an argument of the route spells them.

use std::marker::PhantomData;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use super::message::{Binary, Text};
use super::socket::{Connection, Socket};
use crate::message::{Describe, Description, Message, Payload, Probe};

/// A socket or connection as an argument.
pub trait Converses {
    /// What is received.
    type In;

    /// What is sent.
    type Out;
}

impl<In, Out> Converses for Socket<In, Out> {
    type In = In;
    type Out = Out;
}

/// Receives nothing, unless by the hook `message`.
impl<Out> Converses for Connection<Out> {
    type In = Never;
    type Out = Out;
}

/// What a [`Connection`] receives.
#[derive(Debug)]
pub enum Never {}

impl JsonSchema for Never {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Never".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        false.into()
    }
}

/// An argument's type, asked for what is received. As [`Probe`].
#[derive(Debug)]
pub struct Received<T: ?Sized>(PhantomData<T>);

impl<T: Converses> Received<T>
where
    T::In: JsonSchema,
{
    /// The type's.
    pub const SCHEMA: Option<Describe> = <Probe<T::In>>::SCHEMA;
}

/// An argument's type, asked for what is sent. As [`Probe`].
#[derive(Debug)]
pub struct Sent<T: ?Sized>(PhantomData<T>);

impl<T: Converses> Sent<T>
where
    T::Out: JsonSchema,
{
    /// The type's.
    pub const SCHEMA: Option<Describe> = <Probe<T::Out>>::SCHEMA;
}

impl<T: Converses> Sent<T>
where
    T::Out: Message,
{
    /// As the message itself says.
    pub const DESCRIPTION: Option<fn() -> Description> = Some(T::Out::description);
}

/// What every other argument says.
pub trait NoDescription {
    /// Nothing.
    const DESCRIPTION: Option<fn() -> Description> = None;
}

impl<T: ?Sized> NoDescription for T {}

macro_rules! raw {
    ($($ty:ident: $schema:tt;)*) => {$(
        impl JsonSchema for $ty {
            fn inline_schema() -> bool {
                true
            }

            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($ty).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!($schema)
            }
        }
    )*};
}

raw! {
    Text: { "type": "string" };
    Binary: { "type": "string", "format": "binary" };
    Payload: { "anyOf": [{ "type": "string" }, { "type": "string", "format": "binary" }] };
}
