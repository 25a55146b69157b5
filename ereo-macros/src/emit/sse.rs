//! The code that `#[sse]` adds: the answer is a stream of events.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{GenericArgument, PathArguments, Type, TypeImplTrait, TypeParamBound, TypeTraitObject};

use super::contract::{Told, named};
use super::handle::ends;
use super::{Emit, arguments_of, error_type, is_called, only_type, refusal, timer};
use crate::check::{Kind, streams};
use crate::diagnostics::Errors;
use crate::item::Function;
use crate::model::{Argument, OnLag, Route, Source, Sse};
use crate::paths::{Runtime, located};

impl Kind for Sse {
    const RETURNS: Option<&'static str> =
        Some("a stream of messages, for instance `impl Stream<Item = T>` or `Subscription<T>`");

    fn check(function: &Function, errors: &mut Errors) {
        if let Some(output) = function.output() {
            streams::check(output, errors);
        }
    }

    fn has_body(&self) -> bool {
        self.post
    }
}

impl Emit for Sse {
    fn method(&self) -> &'static str {
        if self.post { "POST" } else { "GET" }
    }

    fn told(route: &Route<Self>) -> Told {
        Told { sent: message(&route.handler.output).and_then(named), ..Told::default() }
    }

    fn members(route: &Route<Self>) -> TokenStream {
        if route.options.post { bodies(route) } else { TokenStream::new() }
    }

    fn items(route: &Route<Self>) -> TokenStream {
        let post = route.options.post;
        let asked: &[_] = if post { &["anywhere"] } else { &["anywhere", "without_body"] };
        let arguments = arguments_of(&route.runtime, &route.handler.arguments, asked);
        let only = post.then(|| only_body(route));
        quote! { #arguments #only }
    }

    fn endpoint(route: &Route<Self>) -> TokenStream {
        let options = options_literal(&route.runtime, &route.options);
        // On the return type's tokens, so that rustc underlines a type that is no stream of messages; on those
        // of the message, if the type is spelled as a stream.
        let output = &route.handler.output;
        let (first, span) = message(output).map_or((output.span(), output.span()), ends);
        let (door, name) = (route.runtime.at(first), located(&route.handler.holder(), first));
        let Some((key, on_lag)) = &route.options.on_lag else {
            return match error_type(&route.handler.output) {
                Some(_) => {
                    let refusal = refusal(&route.runtime, &route.handler.output);
                    quote_spanned! {span=> #door::sse_refusing(#name::__call, #options, #refusal) }
                }
                None => quote_spanned! {span=> #door::sse(#name::__call, #options) },
            };
        };
        let on_lag = variant(on_lag);
        let refusal = refusal(&route.runtime, &route.handler.output);
        let call = lagging(&route.runtime, key, &route.handler.holder());
        // A name for it: rustc would underline the argument where the error type is no answer.
        let lagging = Ident::new("__lagging", span);
        quote_spanned! {span=>
            {
                let #lagging = #call;
                #door::sse_lagging(#lagging, #options, #door::OnLag::#on_lag, #refusal)
            }
        }
    }
}

/// Whether each argument that is made of the request reads its body, as its type tells. A loader asks it of its
/// live route.
fn bodies(route: &Route<Sse>) -> TokenStream {
    let Route { runtime, handler, .. } = route;
    let visibility = &handler.visibility;
    let reads = may_read(route).map(|Argument { ty, .. }| {
        let span = ty.span();
        let door = runtime.at(span);
        quote_spanned! {span=> <#door::ArgumentOf<#ty>>::READS_BODY }
    });
    quote! {
        #[doc(hidden)]
        #visibility const __BODIES: &'static [::core::primitive::bool] = {
            #[allow(unused_imports)]
            use #runtime::TakesNothing as _;
            &[#(#reads),*]
        };
    }
}

/// Assertion that one argument reads the body: asked at each that may be a second one.
fn only_body(route: &Route<Sse>) -> TokenStream {
    let Route { runtime, handler, .. } = route;
    let second = may_read(route).enumerate().skip(1).map(|(at, Argument { ty, .. })| {
        let span = ty.span();
        let (door, name) = (runtime.at(span), located(&handler.holder(), span));
        quote_spanned! {span=> const _: () = #door::assert_only_body(#name::__BODIES, #at); }
    });
    quote! { #(#second)* }
}

/// The arguments that may read the body. Types with these names do not, and are not looked at.
fn may_read(route: &Route<Sse>) -> impl Iterator<Item = &Argument> {
    const OTHERS: [&str; 5] = ["Data", "Query", "Path", "LastEventId", "HttpRequest"];
    let may_read = |argument: &&Argument| {
        matches!(argument.source, Source::Request) && !is_called(&argument.ty, &OTHERS)
    };
    route.handler.arguments.iter().filter(may_read)
}

/// The item type of a type that is spelled as a stream or a subscription. Not within a `Result` whose error is not
/// spelled, which may be what does not fit.
fn message(output: &Type) -> Option<&Type> {
    match output {
        Type::ImplTrait(TypeImplTrait { bounds, .. })
        | Type::TraitObject(TypeTraitObject { bounds, .. }) => bounds.iter().find_map(item),
        Type::Path(path) => {
            let last = path.path.segments.last()?;
            match last.ident.to_string().as_str() {
                "Subscription" => only_type(last),
                "Option" | "Pin" | "Box" => message(only_type(last)?),
                "Result" => {
                    error_type(output)?;
                    let PathArguments::AngleBracketed(arguments) = &last.arguments else {
                        return None;
                    };
                    match arguments.args.first()? {
                        GenericArgument::Type(ok) => message(ok),
                        _ => None,
                    }
                }
                _ => None,
            }
        }
        _ => None,
    }
}

/// `T` of the bound `Stream<Item = T>`.
fn item(bound: &TypeParamBound) -> Option<&Type> {
    let TypeParamBound::Trait(bound) = bound else { return None };
    let stream = bound.path.segments.last().filter(|last| last.ident == "Stream")?;
    let PathArguments::AngleBracketed(arguments) = &stream.arguments else { return None };
    arguments.args.iter().find_map(|argument| match argument {
        GenericArgument::AssocType(item) if item.ident == "Item" => Some(&item.ty),
        _ => None,
    })
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
    let post = options.post.then(|| quote! { post: true, });
    let defaults = quote! { #runtime::SseOptions::DEFAULT };
    if retry.is_none() && heartbeat.is_none() && post.is_none() {
        return defaults;
    }
    quote! { #runtime::SseOptions { #retry #heartbeat #post ..#defaults } }
}
