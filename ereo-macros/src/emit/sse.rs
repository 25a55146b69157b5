//! What `#[sse]` adds: the answer is a stream of events.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;

use super::{Emit, option, timer};
use crate::check::Kind;
use crate::model::{OnLag, Route, Sse};
use crate::paths::{Runtime, located};

impl Kind for Sse {
    const RETURNS: Option<&'static str> =
        Some("a stream of messages, for instance `impl Stream<Item = T>` or `Subscription<T>`");
}

impl Emit for Sse {
    const METHOD: &'static str = "GET";

    fn endpoint(route: &Route<Self>) -> TokenStream {
        let options = options_literal(&route.runtime, &route.options);
        // On the return type's tokens, so that rustc underlines a type that is no stream of messages.
        let span = route.handler.output.span();
        let (door, name) = (route.runtime.at(span), located(&route.handler.name, span));
        quote_spanned! {span=> #door::sse(#name::__call, #options) }
    }
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
    let given = [retry, heartbeat, on_lag].into_iter().flatten().collect::<Vec<_>>();
    let defaults = quote! { #runtime::SseOptions::DEFAULT };
    match given.len() {
        0 => defaults,
        // Clippy minds defaults that nothing takes.
        3 => quote! { #runtime::SseOptions { #(#given)* } },
        _ => quote! { #runtime::SseOptions { #(#given)* ..#defaults } },
    }
}
