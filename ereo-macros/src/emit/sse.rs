//! What `#[sse]` adds: the answer is a stream of events.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::{GenericArgument, PathArguments, PathSegment, Token, Type, TypeParamBound};

use super::{Emit, arguments_of, timer};
use crate::check::Kind;
use crate::diagnostics::Errors;
use crate::item::Function;
use crate::model::{OnLag, Route, Sse};
use crate::paths::{Runtime, located};

impl Kind for Sse {
    const RETURNS: Option<&'static str> =
        Some("a stream of messages, for instance `impl Stream<Item = T>` or `Subscription<T>`");

    fn check(function: &Function, errors: &mut Errors) {
        if let Some(output) = function.output() {
            stream(output, errors);
        }
    }
}

/// What rustc would tell of a stream in the words of traits that the user has not written.
fn stream(ty: &Type, errors: &mut Errors) {
    match ty {
        Type::Path(path) => {
            let Some(PathSegment { ident, arguments: PathArguments::AngleBracketed(arguments) }) =
                path.path.segments.last()
            else {
                return;
            };
            for argument in &arguments.args {
                match argument {
                    GenericArgument::Type(Type::TraitObject(object))
                        if ident == "Box" && is_unpinned(&object.bounds) =>
                    {
                        let message = "a boxed stream is polled in its place, and must be pinned there\n\
                                       help: write `Pin<Box<dyn Stream<Item = T>>>`, which `Box::pin(stream)` gives";
                        errors.on(ident, message);
                    }
                    // What is pinned, is.
                    GenericArgument::Type(ty) if ident != "Pin" => stream(ty, errors),
                    _ => {}
                }
            }
        }
        Type::ImplTrait(opaque) => {
            if let Some(name) = streams(&opaque.bounds).find(|stream| stream.arguments.is_none()) {
                let message = "nothing says what this stream is of\n\
                               help: write `impl Stream<Item = T>`, where `T` is a message";
                errors.on(&name.ident, message);
            }
        }
        _ => {}
    }
}

type Bounds = Punctuated<TypeParamBound, Token![+]>;

/// The bounds that are streams, by their name.
fn streams(bounds: &Bounds) -> impl Iterator<Item = &PathSegment> {
    let names = bounds.iter().filter_map(|bound| match bound {
        TypeParamBound::Trait(bound) => bound.path.segments.last(),
        _ => None,
    });
    names.filter(|name| name.ident == "Stream")
}

fn is_unpinned(bounds: &Bounds) -> bool {
    let unpin = |bound: &TypeParamBound| matches!(bound, TypeParamBound::Trait(bound) if bound.path.is_ident("Unpin"));
    streams(bounds).next().is_some() && !bounds.iter().any(unpin)
}

impl Emit for Sse {
    const METHOD: &'static str = "GET";

    fn items(route: &Route<Self>) -> TokenStream {
        arguments_of(&route.runtime, &route.handler.arguments, "anywhere").unwrap_or_default()
    }

    fn endpoint(route: &Route<Self>) -> TokenStream {
        let options = options_literal(&route.runtime, &route.options);
        // On the return type's tokens, so that rustc underlines a type that is no stream of messages.
        let span = route.handler.output.span();
        let (door, name) = (route.runtime.at(span), located(&route.handler.name, span));
        let Some((key, on_lag)) = &route.options.on_lag else {
            return quote_spanned! {span=> #door::sse(#name::__call, #options) };
        };
        let on_lag = variant(on_lag);
        let call = lagging(&route.runtime, key, &route.handler.name);
        // A name for it: rustc would underline the argument where the error type is no answer.
        let lagging = Ident::new("__lagging", span);
        quote_spanned! {span=>
            {
                let #lagging = #call;
                #door::sse_lagging(#lagging, #options, #door::OnLag::#on_lag)
            }
        }
    }
}

/// On the key's tokens, so that rustc underlines one above a stream that cannot lag.
fn lagging(runtime: &Runtime, key: &Ident, name: &Ident) -> TokenStream {
    let span = key.span();
    let (door, name) = (runtime.at(span), located(name, span));
    quote_spanned! {span=> #door::lagging(#name::__call) }
}

fn variant(on_lag: &OnLag) -> Ident {
    let variant = match on_lag {
        OnLag::Disconnect => "Disconnect",
        OnLag::SkipToOldest => "SkipToOldest",
        OnLag::KeepLatest => "KeepLatest",
    };
    Ident::new(variant, Span::call_site())
}

/// Absent keys leave the runtime's defaults.
fn options_literal(runtime: &Runtime, options: &Sse) -> TokenStream {
    let retry = options.retry.map(|milliseconds| quote! { retry: #milliseconds, });
    let heartbeat = options.heartbeat.as_ref().map(|heartbeat| {
        let heartbeat = timer(heartbeat, |milliseconds| quote! { #milliseconds });
        quote! { heartbeat: #heartbeat, }
    });
    let defaults = quote! { #runtime::SseOptions::DEFAULT };
    if retry.is_none() && heartbeat.is_none() {
        return defaults;
    }
    quote! { #runtime::SseOptions { #retry #heartbeat ..#defaults } }
}
