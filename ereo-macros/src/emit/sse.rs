//! What `#[sse]` adds: the answer is a stream of events.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;

use super::{Emit, arguments_of, error_type, refusal, timer};
use crate::check::{Kind, streams};
use crate::diagnostics::Errors;
use crate::item::Function;
use crate::model::{OnLag, Route, Sse};
use crate::paths::{Runtime, located};

impl Kind for Sse {
    const RETURNS: Option<&'static str> =
        Some("a stream of messages, for instance `impl Stream<Item = T>` or `Subscription<T>`");

    fn check(function: &Function, errors: &mut Errors) {
        if let Some(output) = function.output() {
            streams::check(output, errors);
        }
    }
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
        let (door, name) = (route.runtime.at(span), located(&route.handler.holder(), span));
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
