//! The type beside the function: its path, and how a request calls it.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::{LitStr, Type, Visibility};

use super::{Emit, contract, only_type};
use crate::model::{Argument, Route, Source, type_beside};
use crate::path::{Parameter, Piece};
use crate::paths::{Runtime, local};

pub(super) fn emit<K: Emit>(route: &Route<K>) -> TokenStream {
    let Route { runtime, path, handler, .. } = route;
    let visibility = &handler.visibility;
    let owner = match &handler.owner {
        Some(owner) => owner.to_token_stream(),
        None => handler.holder().to_token_stream(),
    };
    let path_function = path_function(route);
    let call = call(route);
    let members = K::members(route);
    let told = contract::member(route);
    quote! {
        impl #owner {
            /// The path with its parameters in braces.
            #visibility const ROUTE: &'static #runtime::str = #path;

            #path_function
            #call
            #members
            #told
        }
    }
}

/// A type beside the function.
pub(super) fn declaration(visibility: &Visibility, function: &Ident) -> TokenStream {
    // On its name: a note about the type then points there, and not to the attribute.
    let name = type_beside(function);
    let declaration = quote_spanned! {function.span()=> struct #name {} };
    quote! {
        #[doc(hidden)]
        #[allow(
            dead_code, missing_copy_implementations, missing_debug_implementations,
            non_camel_case_types, unnameable_types, unreachable_pub,
            clippy::empty_structs_with_brackets
        )]
        #visibility #declaration
    }
}

/// The function's name, as the type's as well: the two live in different namespaces.
pub(super) fn alias(visibility: &Visibility, function: &Ident, doc: &str) -> TokenStream {
    let name = type_beside(function);
    let alias = quote_spanned! {function.span()=> type #function = #name; };
    quote! {
        #[doc = #doc]
        #[allow(dead_code, non_camel_case_types, unreachable_pub)]
        #visibility #alias
    }
}

/// The documentation of a route.
pub(super) fn doc<K: Emit>(route: &Route<K>) -> String {
    let name = &route.handler.name;
    format!(" Route `{} {}`, served by [`{name}()`].", route.options.method(), route.path.value())
}

fn path_function<K>(route: &Route<K>) -> TokenStream {
    let Route { runtime, handler, .. } = route;
    let visibility = &handler.visibility;
    // On the function's name: a wrong call then points there, and not to the attribute.
    let path = Ident::new("path", handler.name.span());
    let builders: Vec<_> = route
        .parameters()
        .enumerate()
        .map(|(at, (argument, ty))| {
            PathArgument::new(runtime, argument, ty, format_ident!("__K{at}"))
        })
        .collect();
    let kinds = builders.iter().filter_map(|builder| builder.kind.as_ref());
    let arguments = builders.iter().map(|builder| &builder.argument);
    let mut values = builders.iter().map(|builder| (&builder.target, &builder.value));
    let steps = route.pattern.pieces.iter().map(|piece| match piece {
        Piece::Text(text) => quote! { .text(#text) },
        Piece::Parameter(parameter) => step(parameter, values.next()),
    });
    quote! {
        /// The path for these parameters, percent-encoded, without the scope or prefix that it is served below.
        #visibility fn #path<#(#kinds),*>(#(#arguments),*) -> #runtime::String {
            #runtime::PathBuilder::new() #(#steps)* .finish()
        }
    }
}

fn step(parameter: &Parameter, value: Option<(&TokenStream, &TokenStream)>) -> TokenStream {
    let method = if parameter.spans_segments() {
        quote! { tail }
    } else {
        quote! { segment }
    };
    let (target, value) = value.unzip();
    quote! { .#method::<#target>(#value) }
}

/// One parameter of `path(..)`.
struct PathArgument {
    /// The generic parameter that tells how a value becomes the target, where several ways are
    /// open.
    kind: Option<Ident>,
    argument: TokenStream,
    /// The generic arguments of the builder's method.
    target: TokenStream,
    value: TokenStream,
}

impl PathArgument {
    fn new(runtime: &Runtime, name: &Ident, ty: &Type, kind: Ident) -> Self {
        match plain_type(ty).as_deref() {
            // A literal of the caller's is then of this type.
            Some(primitive) if PRIMITIVES.contains(&primitive) => Self {
                kind: None,
                argument: quote! { #name: #ty },
                target: quote! { #ty, _ },
                value: name.to_token_stream(),
            },
            Some("String") => Self {
                kind: None,
                argument: quote! { #name: impl ::core::convert::AsRef<#runtime::str> },
                target: quote! { #ty, _ },
                value: quote! { #name.as_ref() },
            },
            _ => Self {
                argument: quote! { #name: impl #runtime::PathArgument<#ty, #kind> },
                target: quote! { _, #kind },
                value: name.to_token_stream(),
                kind: Some(kind),
            },
        }
    }
}

const PRIMITIVES: [&str; 16] = [
    "u8", "u16", "u32", "u64", "u128", "usize", "i8", "i16", "i32", "i64", "i128", "isize", "f32",
    "f64", "bool", "char",
];

/// The type if it is spelled as one word.
fn plain_type(ty: &Type) -> Option<String> {
    match ty {
        Type::Group(group) => plain_type(&group.elem),
        Type::Paren(paren) => plain_type(&paren.elem),
        Type::Path(path) if path.qself.is_none() => path.path.get_ident().map(Ident::to_string),
        _ => None,
    }
}

/// Takes every argument from the request, in the order of the signature, and calls the function. No
/// `.await` here: the runtime waits, once for all routes.
fn call<K: Emit>(route: &Route<K>) -> TokenStream {
    let Route { runtime, handler, .. } = route;
    let (visibility, name) = (&handler.visibility, &handler.name);
    let incoming = local("incoming");
    let takes = handler.arguments.iter().map(|argument| take(runtime, argument, &incoming));
    let function = match &handler.owner {
        Some(_) => quote! { Self::open },
        None => name.to_token_stream(),
    };
    let output = K::called(&handler.output);
    let span = name.span();
    let door = runtime.at(span);
    let caller = format_ident!("{}_{}", K::CALLER, handler.arguments.len(), span = span);
    let call = quote_spanned! {span=> #door::#caller(#function #(, #takes)*) };
    quote! {
        #[doc(hidden)]
        #visibility fn __call(mut #incoming: #runtime::Incoming) -> #runtime::Call<#output> {
            #call
        }
    }
}

/// Takes one argument from the request. The function says of which type it is: a second mention of a type
/// that is not there would be a second error.
pub(super) fn take(runtime: &Runtime, argument: &Argument, incoming: &Ident) -> TokenStream {
    let Argument { ty, source } = argument;
    // From the first token of the type to its last, so that rustc underlines the type that does not fit.
    let (first, last) = ends(ty);
    let door = runtime.at(first);
    match source {
        // rustc would suggest to borrow what is borrowed already, of a type that is inferred.
        Source::Request if matches!(ty, Type::Reference(_)) => {
            quote_spanned! {first=> #incoming.extract::<#ty>() }
        }
        Source::Parameter { name, .. } => {
            let (name, param) = (LitStr::new(name, last), Ident::new("param", last));
            let incoming_type = Ident::new("Incoming", first);
            quote_spanned! {last=> #door::#incoming_type::#param(&#incoming, #name) }
        }
        Source::Request => {
            let held = held(ty);
            let (first, last) = held.map_or((first, last), ends);
            let door = runtime.at(first);
            let extract = Ident::new(if held.is_some() { "held" } else { "extract" }, last);
            let incoming_type = Ident::new("Incoming", first);
            quote_spanned! {last=> #door::#incoming_type::#extract(&mut #incoming) }
        }
    }
}

/// The type that an extractor of actix-web deserializes, which is all that can be wrong with it. `Option<Query<T>>` does
/// so as well.
fn held(ty: &Type) -> Option<&Type> {
    const HOLDING: [&str; 4] = ["Query", "Path", "Json", "Form"];
    let Type::Path(path) = ty else { return None };
    let last = path.path.segments.last()?;
    let inner = only_type(last)?;
    if last.ident == "Option" {
        return held(inner);
    }
    HOLDING.iter().any(|name| last.ident == name).then_some(inner)
}

/// The spans of the first and of the last token.
pub(super) fn ends(ty: &Type) -> (Span, Span) {
    let mut tokens = ty.to_token_stream().into_iter();
    let first = tokens.next().map_or_else(Span::call_site, |token| token.span());
    (first, tokens.last().map_or(first, |token| token.span()))
}
