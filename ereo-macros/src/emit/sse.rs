//! What `#[sse]` adds: the answer is a stream of events.

use proc_macro2::{Ident, TokenStream};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;

use super::{Emit, timer};
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
        let endpoint = quote_spanned! {span=> #door::sse(#name::__call, #options) };
        match &route.options.on_lag {
            None => endpoint,
            Some((key, on_lag)) => with_on_lag(&route.runtime, &endpoint, key, on_lag),
        }
    }
}

/// On the key's tokens, so that rustc underlines one above a stream that cannot lag.
fn with_on_lag(
    runtime: &Runtime,
    endpoint: &TokenStream,
    key: &Ident,
    on_lag: &OnLag,
) -> TokenStream {
    let span = key.span();
    // No `local`: rustc would underline the attribute, where such a name comes from.
    let (door, local) = (runtime.at(span), Ident::new("__endpoint", span));
    let variant = match on_lag {
        OnLag::Disconnect => "Disconnect",
        OnLag::SkipToOldest => "SkipToOldest",
        OnLag::KeepLatest => "KeepLatest",
    };
    let variant = Ident::new(variant, span);
    quote_spanned! {span=>
        {
            let #local = #endpoint;
            #door::on_lag(#local, #door::OnLag::#variant)
        }
    }
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
