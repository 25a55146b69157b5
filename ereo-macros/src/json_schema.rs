//! The prelude's `#[derive(JsonSchema)]`: schemars' own, for crates that depend on the runtime only, and
//! true of what serde's attributes do.
//!
//! A twin of the type is written, as in `serde_derive.rs`, for which schemars derives its trait; the
//! type's own implementation hands over to it. The twin's attributes are not all the type's: what a function
//! writes (`with`) has no schema, and a default value is not asked for, since a contract tells only that
//! there is one.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote};
use syn::punctuated::Punctuated;
use syn::{Attribute, Data, DeriveInput, Fields, GenericParam, LitStr, Meta, Token, parse_quote};

use crate::item::spelled;
use crate::message::keys::{Keys, literal};
use crate::message::runtime_of;
use crate::serde_derive::{bounded, own_type, twin_name, without_self};

pub(crate) fn derive(input: TokenStream) -> TokenStream {
    let input: DeriveInput = match syn::parse2(input) {
        Ok(input) => input,
        Err(error) => return error.into_compile_error(),
    };
    let runtime = runtime_of(&input).to_token_stream();
    let twin = twin(&input, &runtime);
    let implementation = implementation(&input, &runtime);
    quote! {
        #[allow(
            dead_code, deprecated, explicit_outlives_requirements, missing_copy_implementations,
            missing_debug_implementations, single_use_lifetimes, unreachable_pub,
            unused_qualifications, variant_size_differences
        )]
        const _: () = {
            #[allow(unused_imports)]
            use #runtime::RefusedBySchemars as _;
            #twin
            #implementation
        };
    }
}

/// The type under another name, with the attributes that schemars reads.
fn twin(input: &DeriveInput, runtime: &TokenStream) -> TokenStream {
    let mut twin = input.clone();
    twin.ident = twin_name(input);
    twin.vis = syn::Visibility::Inherited;
    let defaulted = Keys::of(&input.attrs).get("default").is_some();
    let own = own_type(input);
    let fields = |fields: &mut Fields, defaulted| {
        for field in fields {
            rewrite(&mut field.attrs, runtime, defaulted);
            field.vis = syn::Visibility::Inherited;
            field.ty = syn::Type::Verbatim(without_self(field.ty.to_token_stream(), &own));
        }
    };
    keep(&mut twin.attrs);
    without_key(&mut twin.attrs, "default");
    match &mut twin.data {
        Data::Struct(data) => {
            if has_varying_length(&data.fields) {
                twin.attrs.push(any(runtime));
            }
            fields(&mut data.fields, defaulted);
        }
        Data::Enum(data) => {
            for variant in &mut data.variants {
                if has_varying_length(&variant.fields) {
                    variant.attrs.push(any(runtime));
                }
                // serde writes a variant whose only field is left out as one without fields.
                if variant.fields.len() == 1 && is_left_out(&variant.fields) {
                    variant.fields = Fields::Unit;
                }
                rewrite(&mut variant.attrs, runtime, false);
                fields(&mut variant.fields, false);
            }
        }
        // schemars refuses it, as serde does.
        Data::Union(_) => {}
    }
    let schemars = LitStr::new(&format!("{runtime}::schemars").replace(' ', ""), Span::call_site());
    quote! {
        #[derive(#runtime::schemars::JsonSchema)]
        #[schemars(crate = #schemars)]
        #twin
    }
}

/// Attributes that a type, variant or field keeps: those that schemars reads.
fn keep(attributes: &mut Vec<Attribute>) {
    const READ: [&str; 4] = ["serde", "schemars", "doc", "deprecated"];
    attributes.retain(|attribute| READ.iter().any(|read| attribute.path().is_ident(read)));
}

/// The attributes of a field or variant: what a function writes is anything, unless `#[schemars(..)]` says
/// what it is; and no function of the user's is called.
fn rewrite(attributes: &mut Vec<Attribute>, runtime: &TokenStream, defaulted: bool) {
    keep(attributes);
    let keys = Keys::of(attributes);
    let by_function = ["with", "serialize_with", "deserialize_with"];
    let is_written_by_function = by_function.iter().any(|key| keys.get(key).is_some());
    let has_default = defaulted || keys.get("default").is_some();
    let is_skipped_if = keys.get("skip_serializing_if").is_some();
    let says_itself = schemars_keys(attributes)
        .iter()
        .any(|key| key.path().is_ident("with") || key.path().is_ident("schema_with"));
    for key in by_function.into_iter().chain(["default", "skip_serializing_if"]) {
        without_key(attributes, key);
    }
    if is_written_by_function && !says_itself {
        attributes.push(any(runtime));
    }
    let path =
        |name: &str| LitStr::new(&format!("{runtime}::{name}").replace(' ', ""), Span::call_site());
    if has_default {
        let path = path("no_default");
        attributes.push(parse_quote! { #[serde(default = #path)] });
    }
    if is_skipped_if {
        let path = path("is_left_out");
        attributes.push(parse_quote! { #[serde(skip_serializing_if = #path)] });
    }
}

/// Any value.
fn any(runtime: &TokenStream) -> Attribute {
    let value = LitStr::new(&format!("{runtime}::Any").replace(' ', ""), Span::call_site());
    parse_quote! { #[schemars(with = #value)] }
}

/// Whether serde leaves out fields of a tuple, whose others then move up.
fn has_varying_length(fields: &Fields) -> bool {
    let Fields::Unnamed(fields) = fields else { return false };
    let skips =
        |attributes: &[Attribute]| Keys::of(attributes).get("skip_serializing_if").is_some();
    fields.unnamed.len() > 1 && fields.unnamed.iter().any(|field| skips(&field.attrs))
}

fn is_left_out(fields: &Fields) -> bool {
    let Fields::Unnamed(fields) = fields else { return false };
    fields.unnamed.iter().all(|field| {
        let keys = Keys::of(&field.attrs);
        keys.get("skip").is_some() || keys.get("skip_serializing").is_some()
    })
}

fn schemars_keys(attributes: &[Attribute]) -> Vec<Meta> {
    let keys = attributes.iter().filter(|attribute| attribute.path().is_ident("schemars"));
    let keys = keys.filter_map(|attribute| {
        attribute.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated).ok()
    });
    keys.flatten().collect()
}

/// Takes a key out of the `#[serde(..)]` attributes.
fn without_key(attributes: &mut [Attribute], name: &str) {
    for attribute in attributes.iter_mut().filter(|attribute| attribute.path().is_ident("serde")) {
        let keys = attribute.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated);
        let (Ok(keys), Meta::List(list)) = (keys, &mut attribute.meta) else { continue };
        let keys = keys.into_iter().filter(|key| !key.path().is_ident(name));
        list.tokens = quote! { #(#keys),* };
    }
}

/// The type's name in a contract, its parameters aside.
fn name(input: &DeriveInput) -> String {
    let ours = schemars_keys(&input.attrs).into_iter().find_map(|key| match key {
        Meta::NameValue(pair) if pair.path.is_ident("rename") => literal(&pair.value),
        _ => None,
    });
    ours.map_or_else(|| written_name(input), |text| text.value())
}

/// The type's name for serde.
fn written_name(input: &DeriveInput) -> String {
    let renamed = Keys::of(&input.attrs).written("rename");
    renamed.map_or_else(|| spelled(&input.ident), |text| text.value())
}

fn implementation(input: &DeriveInput, runtime: &TokenStream) -> TokenStream {
    let (ident, twin) = (&input.ident, twin_name(input));
    let schemars = quote! { #runtime::schemars };
    let generics = bounded(&input.generics, &quote! { #schemars::JsonSchema });
    let (parameters, _, conditions) = generics.split_for_impl();
    let (_, arguments, _) = input.generics.split_for_impl();
    let twin = quote! { <#runtime::Twin<#twin #arguments>> };
    let (keys, own_keys) = (Keys::of(&input.attrs), schemars_keys(&input.attrs));
    let has = |name: &str| own_keys.iter().any(|key| key.path().is_ident(name));
    let is_transparent = keys.get("transparent").is_some() || has("transparent");
    let (constant, identity) = identity(input, runtime);
    let cow = quote! { #runtime::Cow<'static, #runtime::str> };
    let schema = match (&input.data, keys.text("tag")) {
        (Data::Struct(_), Some(tag)) => {
            let written = written_name(input);
            quote! { #runtime::tagged(#twin::json_schema(generator), #tag, #written, generator) }
        }
        _ => quote! { #twin::json_schema(generator) },
    };
    // A transparent type is what it holds, by that name.
    let (constant, name, id, schema) = if is_transparent {
        (None, quote! { #twin::schema_name() }, quote! { #twin::schema_id() }, schema)
    } else {
        let schema = quote! { #runtime::identified(#schema, &#identity, generator) };
        (constant, quote! { #identity.schema_name() }, quote! { #identity.schema_id() }, schema)
    };
    let inline = (is_transparent || has("inline")).then(|| {
        quote! {
            fn inline_schema() -> ::core::primitive::bool {
                #twin::inline_schema()
            }
        }
    });
    quote! {
        #constant

        #[automatically_derived]
        impl #parameters #schemars::JsonSchema for #ident #arguments #conditions {
            fn schema_name() -> #cow {
                #name
            }

            fn schema_id() -> #cow {
                #id
            }

            fn json_schema(generator: &mut #schemars::SchemaGenerator) -> #schemars::Schema {
                #schema
            }

            #inline
        }
    }
}

/// The type's identity: a constant and its name or, of a generic type, an expression.
fn identity(input: &DeriveInput, runtime: &TokenStream) -> (Option<TokenStream>, TokenStream) {
    let name = name(input);
    let of = |parameters: TokenStream| {
        quote! {
            #runtime::Identity {
                name: #name,
                module: ::core::module_path!(),
                file: ::core::file!(),
                line: ::core::line!(),
                column: ::core::column!(),
                parameters: &[#parameters],
            }
        }
    };
    let parameters: Vec<_> = input
        .generics
        .params
        .iter()
        .filter_map(|parameter| match parameter {
            GenericParam::Type(parameter) => {
                let ty = &parameter.ident;
                Some(quote! { #runtime::ParameterOf::ty::<#ty>() })
            }
            GenericParam::Const(parameter) => {
                let value = &parameter.ident;
                Some(quote! { #runtime::ParameterOf::value(#value) })
            }
            GenericParam::Lifetime(_) => None,
        })
        .collect();
    if parameters.is_empty() {
        let identity = of(TokenStream::new());
        let constant = quote! { const __IDENTITY: #runtime::Identity<'static> = #identity; };
        return (Some(constant), quote! { __IDENTITY });
    }
    (None, of(quote! { #(#parameters),* }))
}
