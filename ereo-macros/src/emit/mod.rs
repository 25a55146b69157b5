//! Writes the code of a checked route: the function as it was, a type of its name beside it, and
//! its registration.

mod handle;
mod hooks;
mod loader;
mod marker;
mod registration;
mod sse;
mod stand_in;
mod websocket;

use proc_macro2::TokenStream;
use quote::quote;

use crate::check::{Checked, Refused};
use crate::model::{Route, Timer};

/// What the code of each kind of route adds to the common one.
pub(crate) trait Emit: Sized {
    /// The variant of the runtime's `Kind`.
    const VARIANT: &'static str;

    /// The method that a client asks with.
    const METHOD: &'static str;

    /// The items beside the user's that have no part in the registration: the type whose name is the
    /// function's.
    fn declaration(route: &Route<Self>) -> TokenStream {
        handle::declaration(route)
    }

    /// What `__call` gives of the function's future, as a type and as an expression.
    fn called(output: &TokenStream, future: TokenStream) -> (TokenStream, TokenStream) {
        (output.clone(), quote! { #future.await })
    }

    /// Further associated items of the type beside the function.
    fn members(_route: &Route<Self>) -> TokenStream {
        TokenStream::new()
    }

    /// Items beside the registration.
    fn assertions(_route: &Route<Self>) -> TokenStream {
        TokenStream::new()
    }

    /// The closure that describes the route's message.
    fn message(route: &Route<Self>) -> TokenStream;

    /// The closure that answers a request.
    fn call(route: &Route<Self>) -> TokenStream;
}

pub(crate) fn route<K: Emit>(checked: &Checked<K>) -> TokenStream {
    let item = &checked.item;
    match &checked.outcome {
        Ok(route) => {
            let handle = handle::emit(route);
            let marker = marker::emit(route);
            let registration = registration::emit(route);
            quote! { #item #handle #marker #registration }
        }
        Err(Refused { errors, stand_in }) => {
            let stand_in = stand_in.as_deref().map(stand_in::emit);
            quote! { #errors #item #stand_in }
        }
    }
}

/// An option as an expression.
fn option(value: Option<TokenStream>) -> TokenStream {
    match value {
        Some(value) => quote! { ::core::option::Option::Some(#value) },
        None => quote! { ::core::option::Option::None },
    }
}

/// A timer as an option of what `value` makes of its milliseconds.
fn timer(timer: &Timer, value: impl Fn(u64) -> TokenStream) -> TokenStream {
    match timer {
        Timer::After(milliseconds) => option(Some(value(*milliseconds))),
        Timer::Off => option(None),
    }
}
