//! What `#[sse]` adds: the answer is a stream of events.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;

use super::{Emit, option, timer};
use crate::check::Kind;
use crate::model::{OnLag, Route, Sse};
use crate::paths::{Runtime, local};

impl Kind for Sse {
    const RETURNS: Option<&'static str> =
        Some("a stream of messages, for instance `impl Stream<Item = T>` or `Subscription<T>`");
}

impl Emit for Sse {
    const VARIANT: &'static str = "Sse";
    const METHOD: &'static str = "GET";

    fn message(route: &Route<Self>) -> TokenStream {
        let handler = handler(route);
        quote! { || #handler.message() }
    }

    fn call(route: &Route<Self>) -> TokenStream {
        let (request, payload) = (local("request"), local("payload"));
        let handler = handler(route);
        let options = options_literal(&route.runtime, &route.options);
        quote! { |#request, #payload| #handler.serve(#request, #payload, #options) }
    }
}

/// On the return type's tokens, so that rustc underlines a type that is no stream of messages.
fn handler(route: &Route<Sse>) -> TokenStream {
    let name = &route.handler.name;
    let span = route.handler.output.span();
    let door = route.runtime.at(span);
    quote_spanned! {span=> #door::sse(#name::__call) }
}

/// Absent keys leave the runtime's defaults.
fn options_literal(runtime: &Runtime, options: &Sse) -> TokenStream {
    let retry = options.retry.map(|milliseconds| quote! { retry: #milliseconds, });
    let heartbeat = options.heartbeat.as_ref().map(|heartbeat| {
        let heartbeat = timer(heartbeat, |milliseconds| quote! { #milliseconds });
        quote! { heartbeat: #heartbeat, }
    });
    let on_lag = options.on_lag.as_ref().map(|on_lag| {
        let variant = match on_lag {
            OnLag::Disconnect => quote! { Disconnect },
            OnLag::SkipToOldest => quote! { SkipToOldest },
            OnLag::KeepLatest => quote! { KeepLatest },
        };
        let on_lag = option(Some(quote! { #runtime::OnLag::#variant }));
        quote! { on_lag: #on_lag, }
    });
    // Clippy minds defaults that nothing takes.
    let is_complete = retry.is_some() && heartbeat.is_some() && on_lag.is_some();
    let defaults = (!is_complete).then(|| quote! { ..#runtime::SseOptions::DEFAULT });
    quote! { #runtime::SseOptions { #retry #heartbeat #on_lag #defaults } }
}
