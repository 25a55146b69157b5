//! The prelude's `#[derive(Serialize)]` and `#[derive(Deserialize)]`: serde's own, for crates that
//! depend on the runtime only.
//!
//! What serde's derive writes names a crate `serde`, which such a crate has not, unless the type says
//! `#[serde(crate = "..")]`; and a derive cannot add an attribute to the type that it stands on. So it
//! writes a twin of the type with that attribute, derives serde's trait for the twin as serde does
//! for types of other crates (`remote`), and hands the type's own implementation over to it.

use proc_macro2::{Group, TokenStream, TokenTree};
use quote::{ToTokens, format_ident, quote};
use syn::punctuated::Punctuated;
use syn::{
    Attribute, Data, DeriveInput, Fields, GenericParam, Generics, Meta, Token, Visibility,
    parse_quote,
};

use crate::message::runtime_of;

/// Which of serde's two traits.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trait {
    Serialize,
    Deserialize,
}

pub(crate) fn derive(input: TokenStream, which: Trait) -> TokenStream {
    let input: DeriveInput = match syn::parse2(input) {
        Ok(input) => input,
        Err(error) => return error.into_compile_error(),
    };
    let runtime = runtime_of(&input).to_token_stream();
    let twin = twin(&input, &runtime, which);
    let implementation = implementation(&input, &runtime, which);
    quote! {
        #[allow(
            dead_code, deprecated, explicit_outlives_requirements, missing_copy_implementations,
            missing_debug_implementations, single_use_lifetimes, unreachable_pub,
            unused_qualifications, variant_size_differences
        )]
        const _: () = {
            #twin
            #implementation
        };
    }
}

/// The type under another name, with serde's attributes alone.
fn twin(input: &DeriveInput, runtime: &TokenStream, which: Trait) -> TokenStream {
    let mut twin = input.clone();
    twin.ident = twin_name(input);
    twin.vis = Visibility::Inherited;
    keep_serde(&mut twin.attrs);
    twin.attrs.iter_mut().for_each(default_of_the_type);
    match &mut twin.data {
        Data::Struct(data) => strip(&mut data.fields, input),
        Data::Enum(data) => {
            for variant in &mut data.variants {
                keep_serde(&mut variant.attrs);
                strip(&mut variant.fields, input);
            }
        }
        // serde's derive refuses it.
        Data::Union(_) => {}
    }
    let name = input.ident.to_string();
    let serde = format!("{runtime}::serde").replace(' ', "");
    let derived = match which {
        Trait::Serialize => quote! { Serialize },
        Trait::Deserialize => quote! { Deserialize },
    };
    quote! {
        #[derive(#runtime::serde::#derived)]
        #[serde(crate = #serde, remote = #name)]
        #twin
    }
}

pub(crate) fn twin_name(input: &DeriveInput) -> syn::Ident {
    format_ident!("__Twin{}", input.ident)
}

fn keep_serde(attributes: &mut Vec<Attribute>) {
    attributes.retain(|attribute| attribute.path().is_ident("serde"));
}

/// A plain `default` above a type is the type's own `Default`, which its twin has not.
fn default_of_the_type(attribute: &mut Attribute) {
    let keys = attribute.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated);
    let (Ok(keys), Meta::List(list)) = (keys, &mut attribute.meta) else { return };
    let keys = keys.into_iter().map(|key| match key {
        Meta::Path(path) if path.is_ident("default") => {
            quote! { #path = "::core::default::Default::default" }
        }
        key => key.into_token_stream(),
    });
    list.tokens = quote! { #(#keys),* };
}

fn strip(fields: &mut Fields, input: &DeriveInput) {
    let own = own_type(input);
    for field in fields {
        keep_serde(&mut field.attrs);
        // In the twin, `Self` would be the twin.
        let ty = without_self(field.ty.to_token_stream(), &own);
        field.ty = syn::Type::Verbatim(ty);
    }
}

/// The type as its own code calls it.
pub(crate) fn own_type(input: &DeriveInput) -> TokenStream {
    let (_, arguments, _) = input.generics.split_for_impl();
    let name = &input.ident;
    quote! { #name #arguments }
}

pub(crate) fn without_self(tokens: TokenStream, own: &TokenStream) -> TokenStream {
    let replaced = tokens.into_iter().map(|token| match token {
        TokenTree::Ident(ident) if ident == "Self" => own.clone(),
        TokenTree::Group(group) => {
            let inner = without_self(group.stream(), own);
            TokenTree::Group(Group::new(group.delimiter(), inner)).into()
        }
        token => token.into(),
    });
    replaced.collect()
}

fn implementation(input: &DeriveInput, runtime: &TokenStream, which: Trait) -> TokenStream {
    let (name, twin) = (&input.ident, twin_name(input));
    let (_, arguments, _) = input.generics.split_for_impl();
    let turbofish = arguments.as_turbofish();
    match which {
        Trait::Serialize => {
            let bound = quote! { #runtime::serde::Serialize };
            let generics = bounded(&input.generics, &bound);
            let (parameters, _, conditions) = generics.split_for_impl();
            quote! {
                impl #parameters #runtime::serde::Serialize for #name #arguments #conditions {
                    fn serialize<__S: #runtime::serde::Serializer>(
                        &self,
                        serializer: __S,
                    ) -> #runtime::Result<__S::Ok, __S::Error> {
                        #[allow(unused_imports)]
                        use #runtime::RefusedBySerde as _;
                        #twin #turbofish::serialize(self, serializer)
                    }
                }
            }
        }
        Trait::Deserialize => {
            let bound = quote! { #runtime::serde::Deserialize<'de> };
            let mut generics = bounded(&input.generics, &bound);
            let borrowed = input.generics.lifetimes().map(|parameter| &parameter.lifetime);
            let lifetime: GenericParam = parse_quote! { 'de: #(#borrowed)+* };
            generics.params.insert(0, lifetime);
            let (parameters, _, conditions) = generics.split_for_impl();
            quote! {
                impl #parameters #runtime::serde::Deserialize<'de> for #name #arguments #conditions {
                    fn deserialize<__D: #runtime::serde::Deserializer<'de>>(
                        deserializer: __D,
                    ) -> #runtime::Result<Self, __D::Error> {
                        #[allow(unused_imports)]
                        use #runtime::RefusedBySerde as _;
                        #twin #turbofish::deserialize(deserializer)
                    }
                }
            }
        }
    }
}

/// Every type parameter must have the trait, which is what serde asks for as well.
pub(crate) fn bounded(generics: &Generics, bound: &TokenStream) -> Generics {
    let mut generics = generics.clone();
    let types: Vec<_> = generics.type_params().map(|parameter| parameter.ident.clone()).collect();
    if !types.is_empty() {
        let conditions = generics.make_where_clause();
        for ty in types {
            conditions.predicates.push(parse_quote! { #ty: #bound });
        }
    }
    generics
}
