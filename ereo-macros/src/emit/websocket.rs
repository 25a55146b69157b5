//! The code that `#[websocket]` adds above a function: the request becomes a connection, which the function
//! has as its argument.

use proc_macro2::{Literal, TokenStream};
use quote::{quote, quote_spanned};
use syn::Type;
use syn::spanned::Spanned;

use super::contract::Told;
use super::{Emit, arguments_of, is_called, may_be_a_connection, timer};
use crate::check::{Kind, sockets};
use crate::diagnostics::Errors;
use crate::item::Function;
use crate::model::{Compression, Route, Source, WebSocket};
use crate::paths::{Runtime, located};

impl Kind for WebSocket {
    const RETURNS: Option<&'static str> = None;
    const ITEM: &'static str =
        "the function that answers the route, or above the `impl` with its hooks";
    const OF_SELF: &'static str = "and take an argument `state: Data<T>`, or write the attribute above the `impl`, whose hooks are then the route";

    fn check(function: &Function, errors: &mut Errors) {
        sockets::check(function, errors);
    }
}

impl Emit for WebSocket {
    fn told(_: &Route<Self>) -> Told {
        Told { has_connection: true, ..Told::default() }
    }

    /// The future itself: it runs when the answer is on its way.
    const CALLER: &'static str = "start";

    fn called(output: &Type) -> TokenStream {
        quote! { impl ::core::future::Future<Output = #output> }
    }

    fn members(route: &Route<Self>) -> TokenStream {
        takes(route)
    }

    fn items(route: &Route<Self>) -> TokenStream {
        let name = route.handler.holder();
        let span = name.span();
        let door = route.runtime.at(span);
        let only = only_socket(route);
        // A type that is spelled as a connection is one.
        let others = route
            .handler
            .arguments
            .iter()
            .filter(|argument| !is_called(&argument.ty, &["Socket", "Connection"]));
        let arguments = arguments_of(&route.runtime, others, &["in_function", "without_body"]);
        quote_spanned! {span=>
            #arguments
            const _: () = #door::assert_takes_socket(#name::__TAKES);
            #(#only)*
        }
    }

    fn endpoint(route: &Route<Self>) -> TokenStream {
        let options = options_function(&route.runtime, &route.options);
        // On the return type's tokens, so that rustc underlines a type that is no outcome.
        let span = route.handler.output.span();
        let (door, name) = (route.runtime.at(span), located(&route.handler.holder(), span));
        quote_spanned! {span=> #door::socket(#name::__call, #name::__TAKES, #options) }
    }
}

/// Assertion that one argument is the socket: asked at each that may be a second one.
fn only_socket(route: &Route<WebSocket>) -> impl Iterator<Item = TokenStream> {
    let Route { runtime, handler, .. } = route;
    let extracted =
        handler.arguments.iter().filter(|argument| matches!(argument.source, Source::Request));
    let candidates =
        extracted.enumerate().filter(|(_, argument)| may_be_a_connection(argument)).skip(1);
    candidates.map(|(at, argument)| {
        let span = argument.ty.span();
        let (door, name) = (runtime.at(span), located(&handler.holder(), span));
        quote_spanned! {span=>
            const _: () = #door::assert_only_socket(#name::__TAKES, #at);
        }
    })
}

/// The part of the connection that each argument takes, as its type tells.
pub(super) fn takes<K>(route: &Route<K>) -> TokenStream {
    let Route { runtime, handler, .. } = route;
    let visibility = &handler.visibility;
    let extracted =
        handler.arguments.iter().filter(|argument| matches!(argument.source, Source::Request));
    let takes = extracted.map(|argument| {
        let ty = &argument.ty;
        let span = ty.span();
        let door = runtime.at(span);
        quote_spanned! {span=> <#door::ArgumentOf<#ty>>::TAKES }
    });
    quote! {
        #[doc(hidden)]
        #visibility const __TAKES: &'static [#runtime::Takes] = {
            #[allow(unused_imports)]
            use #runtime::TakesNothing as _;
            &[#(#takes),*]
        };
    }
}

/// A function, since a list of origins is no constant.
fn options_function(runtime: &Runtime, options: &WebSocket) -> TokenStream {
    let expression = options_expression(runtime, options);
    quote! { || #expression }
}

/// Absent keys leave the runtime's defaults.
pub(super) fn options_expression(runtime: &Runtime, options: &WebSocket) -> TokenStream {
    let max_message = options.max_message.map(|bytes| {
        let bytes = Literal::u64_unsuffixed(bytes);
        quote! { .max_message(#bytes) }
    });
    let origins = options.origins.as_ref().map(|origins| {
        let borrowed = quote! { #runtime::Cow::Borrowed };
        quote! { .origins(#runtime::Origins::checked(&[#(#borrowed(#origins)),*])) }
    });
    let protocols = options.protocols.as_ref().map(|protocols| {
        quote! { .protocols(&[#(#protocols),*]) }
    });
    let duration = |milliseconds| quote! { ::core::time::Duration::from_millis(#milliseconds) };
    let ping = options.ping.as_ref().map(|ping| {
        let ping = timer(ping, duration);
        quote! { .ping(#ping) }
    });
    let idle = options.idle.as_ref().map(|idle| {
        let idle = timer(idle, duration);
        quote! { .idle(#idle) }
    });
    let message_timeout = options.message_timeout.as_ref().map(|timeout| {
        let timeout = timer(timeout, duration);
        quote! { .message_timeout(#timeout) }
    });
    let compression = options.compression.as_ref().map(|compression| {
        let compression = match compression {
            Compression::Off => quote! { Off },
            Compression::Broadcast => quote! { Broadcast },
            Compression::On => quote! { On },
        };
        quote! { .compression(#runtime::Compression::#compression) }
    });
    let threshold = options.compression_threshold.map(|bytes| {
        let bytes = Literal::u64_unsuffixed(bytes);
        quote! { .compression_threshold(#bytes) }
    });
    quote! {
        <#runtime::Options as ::core::default::Default>::default()
            #max_message #origins #protocols #ping #idle #message_timeout #compression #threshold
    }
}
