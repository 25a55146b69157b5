//! What stands beside a refused function: the names that other code may use, of types that fit, and
//! no behaviour. So one mistake gives one message, and not a second one at every use.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote, quote_spanned};

use super::beside;
use super::loader::Data;
use crate::item::is_opaque;
use crate::model::StandIn;
use crate::paths::local;

pub(super) fn emit(stand_in: &StandIn) -> TokenStream {
    let StandIn { runtime, conditions, visibility, name, owner, path, parameters, .. } = stand_in;
    let declaration = owner.is_none().then(|| {
        let declaration = quote_spanned! {name.span()=> struct #name {} };
        quote! {
            #[doc(hidden)]
            #[allow(
                dead_code, missing_copy_implementations, missing_debug_implementations,
                non_camel_case_types, unnameable_types, unreachable_pub
            )]
            #visibility #declaration
        }
    });
    let owner = owner.as_ref().map_or_else(|| name.to_token_stream(), ToTokens::to_token_stream);
    let any = std::iter::repeat_n(quote! { _: impl ::core::marker::Sized }, parameters.len());
    let call = call(stand_in);
    let load = load(stand_in);
    let code = quote! {
        #[doc(hidden)]
        #[allow(
            dead_code, deprecated, private_interfaces, private_bounds, unreachable_code, unreachable_pub,
            unused_qualifications, clippy::all
        )]
        impl #owner {
            #visibility const ROUTE: &'static #runtime::str = #path;
            #visibility fn path(#(#any),*) -> #runtime::String {
                ::core::unreachable!()
            }
            #call
            #load
        }
    };
    let code = match declaration {
        Some(declaration) => beside(runtime, &declaration, &code),
        None => code,
    };
    quote! { #(#conditions)* #code }
}

/// A loader whose live route was refused still learns its message type, by a call that never
/// happens.
fn call(stand_in: &StandIn) -> Option<TokenStream> {
    let StandIn { runtime, visibility, output, .. } = stand_in;
    let output = output.as_ref()?;
    let body = if is_opaque(output) {
        // Only a call tells what the type is.
        let (name, arguments) = (&stand_in.name, stand_in.callable?);
        let arguments = std::iter::repeat_n(quote! { ::core::unreachable!() }, arguments);
        quote! { #runtime::call_0(|| #name(#(#arguments),*)) }
    } else {
        quote! { ::core::unreachable!() }
    };
    Some(quote! {
        #visibility fn __call(_: #runtime::Incoming) -> #runtime::Call<#output> {
            #body
        }
    })
}

/// Stands there for a stream as well, where nothing uses it.
fn load(stand_in: &StandIn) -> Option<TokenStream> {
    let StandIn { runtime, visibility, output, .. } = stand_in;
    let output = output.as_ref().filter(|output| !is_opaque(output))?;
    let data = Data::of(runtime, output).ty;
    let request = local("_request");
    Some(quote! {
        #visibility fn load(
            #request: &#runtime::HttpRequest,
        ) -> #runtime::Call<#runtime::LoaderData<#data>> {
            ::core::unreachable!()
        }
    })
}
