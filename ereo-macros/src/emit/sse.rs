//! What `#[sse]` adds: the answer is a stream of events.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;

use super::{Emit, option};
use crate::check::Kind;
use crate::model::{Heartbeat, Route, Sse};
use crate::paths::{Runtime, local};

impl Kind for Sse {
    const RETURNS: &'static str =
        "a stream of messages, for instance `impl Stream<Item = T>` or `Subscription<T>`";
}

impl Emit for Sse {
    const VARIANT: &'static str = "Sse";
    const METHOD: &'static str = "GET";

    fn message(route: &Route<Self>) -> TokenStream {
        let (runtime, name) = (&route.runtime, &route.handler.name);
        quote! { || #runtime::sse_message(#name::__call) }
    }

    fn call(route: &Route<Self>) -> TokenStream {
        let Route { runtime, handler, options, .. } = route;
        let name = &handler.name;
        let (request, payload) = (local("request"), local("payload"));
        let options = options_literal(runtime, options);
        // On the return type's tokens, so that rustc underlines a type that is no stream of messages.
        let span = handler.output.span();
        let door = runtime.at(span);
        let serve = quote_spanned! {span=>
            #door::serve_sse(
                #name::__call(::core::clone::Clone::clone(&#request), #payload),
                #request,
                #options,
            )
        };
        quote! { |#request, #payload| #runtime::Box::pin(#serve) }
    }
}

/// Absent keys leave the runtime's defaults.
fn options_literal(runtime: &Runtime, options: &Sse) -> TokenStream {
    let retry = options.retry.map(|milliseconds| quote! { retry: #milliseconds, });
    let heartbeat = options.heartbeat.as_ref().map(|heartbeat| {
        let heartbeat = match heartbeat {
            Heartbeat::Every(milliseconds) => option(Some(quote! { #milliseconds })),
            Heartbeat::Off => option(None),
        };
        quote! { heartbeat: #heartbeat, }
    });
    quote! { #runtime::SseOptions { #retry #heartbeat ..#runtime::SseOptions::DEFAULT } }
}
