//! `#[derive(Message)]`: a struct is an event without name, an enum's variant names its event.

mod contradictions;
pub(crate) mod keys;
mod refused;
mod shapes;
mod tagging;

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::{Attribute, Data, DataEnum, DeriveInput, Field, Ident, Meta, Path, parse_quote};

use self::keys::{Keys, is_untagged};
use self::tagging::Tagging;
use crate::args::helper_keys;
use crate::diagnostics::Errors;
use crate::emit::contract::is_on;
use crate::paths::Runtime;

pub(crate) fn derive(input: TokenStream) -> TokenStream {
    let input: DeriveInput = match syn::parse2(input) {
        Ok(input) => input,
        Err(error) => return error.into_compile_error(),
    };
    let mut errors = Errors::default();
    let message = check(&input, &mut errors);
    // Also after an error: what is sent as this message is no mistake as well.
    let implementation = emit(&input, &message);
    quote! { #errors #implementation }
}

/// Facts that the derive needs beside the type's name and generics.
struct Message {
    runtime: Runtime,
    shape: Shape,
    /// serde's derive will probably refuse the type.
    refused: bool,
}

enum Shape {
    Struct,
    Enum {
        tagging: Tagging,
        /// The variants that are untagged where others are not.
        untagged: Vec<Ident>,
    },
    /// Refused.
    Union,
}

fn check(input: &DeriveInput, errors: &mut Errors) -> Message {
    let mut path = None;
    for attribute in helpers(&input.attrs) {
        own_attribute(attribute, &mut path, errors);
    }
    let stands_in = stands_in(&input.attrs, errors);
    let shape = match &input.data {
        Data::Struct(data) => {
            refuse_helpers(data.fields.iter(), errors);
            Shape::Struct
        }
        Data::Enum(data) => {
            written_as_another(&input.attrs, errors);
            check_enum(Tagging::of(&input.attrs), data, errors)
        }
        Data::Union(data) => {
            let message =
                "a union cannot be a message, since it does not serialize\nhelp: make it an enum";
            errors.on(data.union_token, message);
            Shape::Union
        }
    };
    shapes::check(input, errors);
    if let (Shape::Struct, Tagging::Internal { .. }) = (&shape, Tagging::of(&input.attrs)) {
        // Its own name is then the text of the tag.
        check_name(&input.attrs, errors);
    }
    // A stand-in for another type need not be serializable itself, which is no second mistake.
    let refused = refused::by_serde(input) || stands_in;
    Message { runtime: path.map(Runtime::Renamed).unwrap_or_default(), shape, refused }
}

fn check_enum(tagging: Tagging, data: &DataEnum, errors: &mut Errors) -> Shape {
    let mut untagged = Vec::new();
    for variant in &data.variants {
        refuse_all(&variant.attrs, errors);
        refuse_helpers(variant.fields.iter(), errors);
        if tagging == Tagging::Untagged {
            continue;
        }
        if is_untagged(&variant.attrs) {
            untagged.push(variant.ident.clone());
        } else {
            check_name(&variant.attrs, errors);
        }
    }
    if untagged.len() == data.variants.len() {
        return Shape::Enum { tagging: Tagging::Untagged, untagged: Vec::new() };
    }
    Shape::Enum { tagging, untagged }
}

/// Whether the type only says how serde writes another one, with an error about it.
fn stands_in(attributes: &[Attribute], errors: &mut Errors) -> bool {
    let Some(other) = Keys::of(attributes).text("remote") else { return false };
    let message = format!(
        "this type says how `{}` is written, and is never sent itself\n\
         help: derive `Message` for a type that holds one: a field with `#[serde(with = \"..\")]`",
        other.value()
    );
    errors.on(other, message);
    true
}

/// serde writes another type instead, and none of the enum's variants.
fn written_as_another(attributes: &[Attribute], errors: &mut Errors) {
    let Some(other) = Keys::of(attributes).text("into") else { return };
    let other_type = other.value();
    let message = format!(
        "this enum is written as a `{other_type}`, so that no variant of its own names the event\n\
         help: send the `{other_type}` itself, as a `Message`; or implement `Message` for this enum by hand"
    );
    errors.on(other, message);
}

/// The runtime that `#[message(crate = ..)]` names; what is wrong there is `Message`'s to say.
pub(crate) fn runtime_of(input: &DeriveInput) -> Runtime {
    let mut path = None;
    for attribute in helpers(&input.attrs) {
        own_attribute(attribute, &mut path, &mut Errors::default());
    }
    path.map(Runtime::Renamed).unwrap_or_default()
}

fn helpers(attributes: &[Attribute]) -> impl Iterator<Item = &Attribute> {
    attributes.iter().filter(|attribute| attribute.path().is_ident("message"))
}

fn own_attribute(attribute: &Attribute, path: &mut Option<Path>, errors: &mut Errors) {
    match &attribute.meta {
        Meta::List(list) => helper_keys("message", list.tokens.clone(), path, errors),
        other => {
            let message = "expected a key in parentheses\n\
                 help: write #[message(crate = ereo_runtime)], or remove it";
            errors.on(other, message);
        }
    }
}

fn refuse_helpers<'a>(fields: impl Iterator<Item = &'a Field>, errors: &mut Errors) {
    for field in fields {
        refuse_all(&field.attrs, errors);
    }
}

fn refuse_all(attributes: &[Attribute], errors: &mut Errors) {
    for attribute in helpers(attributes) {
        let message =
            "#[message] stands above the type only\nhelp: to rename or skip, use #[serde(..)]";
        errors.on(attribute.path(), message);
    }
}

fn emit(input: &DeriveInput, Message { runtime, shape, refused }: &Message) -> TokenStream {
    let name = &input.ident;
    let mut generics = input.generics.clone();
    if !generics.params.is_empty() {
        // Bounds that serde's derive found necessary are met where this is.
        generics.make_where_clause().predicates.push(parse_quote! { Self: #runtime::Serialize });
    }
    let (parameters, arguments, conditions) = generics.split_for_impl();
    // On the name, so that rustc underlines a type that does not serialize.
    let span = name.span();
    let door = runtime.at(span);
    // By the name's span also where the methods take it: a `macro_rules!` may have been given the name.
    let this = Ident::new("self", span);
    let derived = if *refused {
        quote! {{
            #[allow(unused_imports)]
            use #runtime::RefusedBySerde as _;
            <#runtime::Perhaps<Self>>::derived(#this)
        }}
    } else {
        quote_spanned! {span=> #door::derived(#this) }
    };
    let (event, frame) = match shape {
        Shape::Struct => (quote! { #derived.struct_event() }, quote! { #derived.frame() }),
        Shape::Enum { tagging, untagged } => {
            let tagging = tagging_of_self(runtime, &this, tagging, untagged);
            (quote! { #derived.enum_event(#tagging) }, quote! { #derived.frame() })
        }
        Shape::Union => (quote! { ::core::unreachable!() }, quote! { ::core::unreachable!() }),
    };
    let description = is_on().then(|| description(input, runtime, shape));
    // A variant that is untagged by itself has no name on the wire, and is read without one.
    let reading = match shape {
        Shape::Enum { tagging, .. } if *tagging != Tagging::Untagged => {
            let tagging = tagging_expression(runtime, tagging);
            quote! {
                fn reading() -> #runtime::Reading {
                    #runtime::Reading::Enum(#tagging)
                }
            }
        }
        _ => TokenStream::new(),
    };
    quote! {
        #[automatically_derived]
        #[allow(
            deprecated, single_use_lifetimes, unused_qualifications
        )]
        impl #parameters #runtime::Message for #name #arguments #conditions {
            fn to_event(&#this) -> #runtime::Result<#runtime::Event, #runtime::EncodeError> {
                #event
            }

            fn to_payload(&#this) -> #runtime::Result<#runtime::Payload, #runtime::EncodeError> {
                #frame
            }

            #reading
            #description
        }
    }
}

/// The type's schema, for a contract.
fn description(input: &DeriveInput, runtime: &Runtime, shape: &Shape) -> TokenStream {
    let form = match shape {
        Shape::Struct | Shape::Union => quote! { Json },
        Shape::Enum { tagging, untagged } => {
            let tagging = tagging_expression(runtime, tagging);
            let is_sent = |variant: &&syn::Variant| {
                let keys = Keys::of(&variant.attrs);
                keys.get("skip").is_none() && keys.get("skip_serializing").is_none()
            };
            let untagged = match &input.data {
                Data::Enum(data) => data
                    .variants
                    .iter()
                    .filter(|variant| untagged.contains(&variant.ident))
                    .filter(is_sent)
                    .count(),
                Data::Struct(_) | Data::Union(_) => 0,
            };
            quote! { Variants { tagging: #tagging, untagged: #untagged } }
        }
    };
    quote! {
        fn description() -> #runtime::Description {
            #[allow(unused_imports)]
            use #runtime::NoSchema as _;
            #runtime::Description {
                form: #runtime::Form::#form,
                schema: <#runtime::Probe<Self>>::SCHEMA,
            }
        }
    }
}

/// Serde's tagging of this value, as its type knows it, whatever the JSON looks like.
fn tagging_of_self(
    runtime: &Runtime,
    this: &Ident,
    tagging: &Tagging,
    untagged: &[Ident],
) -> TokenStream {
    let tagged = tagging_expression(runtime, tagging);
    if untagged.is_empty() {
        return tagged;
    }
    let none = tagging_expression(runtime, &Tagging::Untagged);
    quote! {
        #[allow(deprecated)]
        match #this {
            #(Self::#untagged { .. })|* => #none,
            _ => #tagged,
        }
    }
}

fn tagging_expression(runtime: &Runtime, tagging: &Tagging) -> TokenStream {
    let variant = match tagging {
        Tagging::External => quote! { External },
        Tagging::Internal { tag } => quote! { Internal(#tag) },
        Tagging::Adjacent { tag, content } => quote! { Adjacent { tag: #tag, content: #content } },
        Tagging::Untagged => quote! { Untagged },
    };
    quote! { #runtime::Tagging::#variant }
}

/// Prefix of the library's own events' names; the runtime refuses them as well (`sse/event.rs`).
const RESERVED: &str = "ereo.";

/// Refuses names that no event can have. What serde makes of the variant's own name is fine.
fn check_name(attributes: &[Attribute], errors: &mut Errors) {
    if let Some(name) = Keys::of(attributes).written("rename")
        && let Some(fault) = fault(&name.value())
    {
        errors.on(name, fault);
    }
}

fn fault(name: &str) -> Option<String> {
    if name.is_empty() {
        let fault = "an event without a name is a `message` to the browser\n\
                     help: write a name, or remove this one";
        return Some(fault.to_owned());
    }
    if name.contains(['\r', '\n']) {
        return Some("the name of an event is one line\nhelp: remove the line break".to_owned());
    }
    let other = name.strip_prefix(RESERVED)?;
    let help = if other.is_empty() || fault(other).is_some() {
        "write another name".to_owned()
    } else {
        format!("write another name, for instance `{other}`")
    };
    Some(format!(
        "names that begin with `{RESERVED}` are those of this library's own events, which pages obey\n\
         help: {help}"
    ))
}
