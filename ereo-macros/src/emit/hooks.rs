//! The code that `#[websocket]` adds above an `impl`: the runtime's trait over the hooks in it. `open` is the
//! route's handler, and its arguments are extracted as those of a function are.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::Type;
use syn::spanned::Spanned;

use super::contract::{Told, named};
use super::websocket::{options_expression, takes};
use super::{Emit, arguments_of, error_type, refusal};
use crate::args::Keys;
use crate::item::{Alternatives, is_opaque};
use crate::model::{Heard, Hooks, Route, Unreadable};
use crate::paths::{Runtime, local, located};

/// The two items, of which rustc takes one and expands the attribute above it.
pub(crate) fn alternatives<K: Keys>(
    runtime: &Runtime,
    arguments: &TokenStream,
    Alternatives { predicate, with, without }: &Alternatives,
) -> TokenStream {
    let attribute = Ident::new(K::ATTRIBUTE, Span::call_site());
    quote! {
        #[cfg(#predicate)]
        #[#runtime::#attribute(#arguments)]
        #with

        #[cfg(not(#predicate))]
        #[#runtime::#attribute(#arguments)]
        #without
    }
}

impl Emit for Hooks {
    fn told(route: &Route<Self>) -> Told {
        let received = named(&route.options.received);
        Told { received, has_connection: true, ..Told::default() }
    }

    /// The type is the user's.
    const HAS_TYPE_BESIDE: bool = false;

    fn members(route: &Route<Self>) -> TokenStream {
        let Route { runtime, handler, options, .. } = route;
        let takes = takes(route);
        let (request, payload) = (local("request"), local("payload"));
        let keys = options_expression(runtime, &options.keys);
        let received = &options.received;
        // Each on the tokens of the type that it demands something of.
        let span = received.span();
        let door = runtime.at(span);
        let receiving = quote_spanned! {span=> #door::receiving::<#received, Self, _>() };
        let span = handler.output.span();
        let door = runtime.at(span);
        let this = located(&Ident::new("Self", Span::call_site()), span);
        let opening = match error_type(&handler.output) {
            Some(_) => {
                let refusal = refusal(runtime, &handler.output);
                quote_spanned! {span=> #door::opening_refusing::<#this, _>(#this::__call).by(#refusal) }
            }
            None => quote_spanned! {span=> #door::opening::<#this, _>(#this::__call) },
        };
        quote! {
            #takes

            #[doc(hidden)]
            pub fn __serve(
                #request: #runtime::HttpRequest,
                #payload: #runtime::RequestPayload,
            ) -> #runtime::Handled {
                #opening.serve(#receiving, #request, #payload, #keys)
            }
        }
    }

    fn items(route: &Route<Self>) -> TokenStream {
        let implementation = implementation(route);
        let arguments =
            arguments_of(&route.runtime, &route.handler.arguments, &["in_open", "without_body"]);
        quote! { #implementation #arguments }
    }

    fn endpoint(route: &Route<Self>) -> TokenStream {
        let (runtime, owner) = (&route.runtime, route.handler.path());
        quote! { #runtime::hooks(#owner::__serve, #owner::__TAKES) }
    }
}

/// The runtime's trait over the hooks.
fn implementation(route: &Route<Hooks>) -> TokenStream {
    let Route { runtime, handler, options, .. } = route;
    let (owner, received) = (&handler.owner, &options.received);
    let (message, outcome) = (local("message"), unseen("__outcome", &options.message_output));
    let returned = given(runtime, "returned", &options.message_output, &outcome);
    let unreadable = options.unreadable.as_ref().map(|hook| unreadable(runtime, hook));
    let heard = options.heard.as_ref().map(|hooks| heard(runtime, hooks));
    let refresh = options.refresh.as_ref().map(|output| refresh(runtime, output));
    let close = close(runtime, options.close.as_ref());
    quote! {
        impl #runtime::Hooks<#received> for #owner {
            async fn message(
                &mut self,
                #message: #received,
            ) -> #runtime::Result<(), #runtime::SocketError> {
                let #outcome = Self::message(self, #message).await;
                #returned
            }

            #unreadable

            #heard

            #refresh

            #close
        }
    }
}

/// Gives `value`, of the user's type `output`, to the door's function: the type itself, and all on its
/// tokens, so that rustc underlines one that does not fit.
fn given(runtime: &Runtime, function: &str, output: &Type, value: &Ident) -> TokenStream {
    let span = output.span();
    let door = runtime.at(span);
    let function = Ident::new(function, span);
    let target = if is_opaque(output) {
        quote_spanned! {span=> _ }
    } else {
        output.to_token_stream()
    };
    quote_spanned! {span=> #door::#function::<#target>(#value) }
}

/// A name for a value of the user's type `output`. No `local`: rustc would underline the attribute,
/// where such a name comes from.
fn unseen(name: &str, output: &Type) -> Ident {
    Ident::new(name, output.span())
}

fn unreadable(runtime: &Runtime, Unreadable { taken, output }: &Unreadable) -> TokenStream {
    let (message, outcome) = (local("message"), unseen("__outcome", output));
    let returned = given(runtime, "returned", output, &outcome);
    let argument = argument(runtime, "unread", taken, &message);
    quote! {
        const HEARS_UNREADABLE: ::core::primitive::bool = true;

        async fn unreadable(
            &mut self,
            #message: #runtime::Unreadable,
        ) -> #runtime::Result<(), #runtime::SocketError> {
            let #outcome = Self::unreadable(self, #argument).await;
            #returned
        }
    }
}

/// An argument of type `ty` for a hook, made by the door's function. It stands on the type's tokens, so that
/// rustc underlines a type that the hook cannot take.
fn argument(runtime: &Runtime, function: &str, ty: &Type, value: &Ident) -> TokenStream {
    let span = ty.span();
    let door = runtime.at(span);
    let function = Ident::new(function, span);
    quote_spanned! {span=> #door::#function::<#ty>(#value) }
}

/// The hooks `hears` and `heard`, on the tokens of the type that `hears` returns: rustc underlines it where the
/// two do not fit.
fn heard(runtime: &Runtime, Heard { source, event, output }: &Heard) -> TokenStream {
    let (this, taken) = (local("this"), local("event"));
    let (events, outcome) = (unseen("__events", source), unseen("__outcome", output));
    let returned = given(runtime, "returned", output, &outcome);
    let span = source.span();
    let door = runtime.at(span);
    let hearing = Ident::new("hearing", span);
    let hearing = quote_spanned! {span=> #door::#hearing::<#event, _, Self> };
    let given = quote_spanned! {span=> (#events, |#this, #taken| {
        #door::heard(async move {
            let #outcome = Self::heard(#this, #taken).await;
            #returned
        })
    }) };
    quote! {
        fn hears(&mut self) -> #runtime::Option<#runtime::Hearing<Self>> {
            let #events = Self::hears(self);
            #hearing #given
        }
    }
}

fn refresh(runtime: &Runtime, output: &Type) -> TokenStream {
    let renewal = unseen("__renewal", output);
    let renewed = given(runtime, "renewed", output, &renewal);
    quote! {
        const REFRESHS: ::core::primitive::bool = true;

        async fn refresh(&mut self) -> #runtime::Option<#runtime::Expiry> {
            let #renewal = Self::refresh(self).await;
            #renewed
        }
    }
}

/// Without a hook of the user's, nothing happens.
fn close(runtime: &Runtime, reason: Option<&Type>) -> TokenStream {
    let Some(ty) = reason else {
        return quote! { async fn close(self, _: #runtime::CloseReason) {} };
    };
    let reason = local("reason");
    let given = argument(runtime, "reason", ty, &reason);
    quote! {
        async fn close(self, #reason: #runtime::CloseReason) {
            Self::close(self, #given).await
        }
    }
}
