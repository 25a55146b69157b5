//! `#[test]`: an async test under paused time.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::{ItemFn, Meta, Path, Token, parse::Parser as _, punctuated::Punctuated};

use crate::diagnostics::Errors;

pub(crate) fn test(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let runtime = runtime(arguments, &mut errors);
    let function: ItemFn = match syn::parse2(item.clone()) {
        Ok(function) => function,
        Err(_) => {
            let message = "#[test] stands above a function\n\
                 help: move it there, or remove it";
            errors.on(item, message);
            return errors.into_token_stream();
        }
    };
    let ItemFn { attrs, vis, mut sig, block, .. } = function;
    if !sig.inputs.is_empty() {
        let message = "a test takes no arguments\n\
             help: make what it needs within it, such as `ereo_runtime::test::app(..)`";
        errors.on(&sig.inputs, message);
        sig.inputs.clear();
    }
    // A function that is not async is a test as it is.
    let body = match sig.asyncness.take() {
        Some(_) => quote! { { #runtime::test::run(async move #block) } },
        None => block.into_token_stream(),
    };
    quote! {
        #errors
        #[::core::prelude::v1::test]
        #(#attrs)*
        #vis #sig #body
    }
}

/// The runtime, by its usual name or that of the key `crate`.
fn runtime(arguments: TokenStream, errors: &mut Errors) -> TokenStream {
    let usual = quote! { ::ereo_runtime };
    let parser = Punctuated::<Meta, Token![,]>::parse_terminated;
    for argument in parser.parse2(arguments.clone()).unwrap_or_default() {
        if let Meta::NameValue(pair) = &argument
            && pair.path.is_ident("crate")
            && let Ok(path) = syn::parse2::<Path>(pair.value.to_token_stream())
        {
            return path.into_token_stream();
        }
    }
    if !arguments.is_empty() {
        let message = "#[test] takes no arguments but `crate`\n\
             help: remove them; time is paused until `tokio::time::resume()`, and \
             `ereo_runtime::test::serve(..)` calls that";
        errors.on(arguments, message);
    }
    usual
}
