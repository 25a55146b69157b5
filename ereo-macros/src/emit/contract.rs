//! A route's part of a contract: the schemas of the types that its signature spells, and the route that a
//! loader goes on over. Nothing of it is written without the feature `contract`.

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Path, Type};

use super::loader::{LIVE, import};
use super::{Emit, is_called, may_be_a_connection, only_type, option};
use crate::item::is_opaque;
use crate::model::{Argument, Route, Source};
use crate::paths::Runtime;

/// Messages of a kind of route, as a contract tells them.
#[derive(Default)]
pub(crate) struct Told {
    /// The type of what is sent.
    pub(super) sent: Option<TokenStream>,
    /// The type of what is received, where no argument is the socket.
    pub(super) received: Option<TokenStream>,
    /// Whether an argument may be the connection.
    pub(super) has_connection: bool,
    /// The route that a loader goes on over.
    pub(super) live: Option<Path>,
}

/// Whether the feature is on. Tests of expansions say it themselves: which features a build of the whole
/// workspace has does not change what they see.
#[cfg(not(test))]
pub(crate) fn is_on() -> bool {
    cfg!(feature = "contract")
}

#[cfg(test)]
pub(crate) use on::is_on;

/// The constant that the registration refers to.
pub(super) fn member<K: Emit>(route: &Route<K>) -> Option<TokenStream> {
    if !is_on() {
        return None;
    }
    let Route { runtime, handler, .. } = route;
    let Told { sent, received, has_connection, live } = K::told(route);
    let probe = |ty: TokenStream| quote! { <#runtime::Probe<#ty>>::SCHEMA };
    let sent = option_of(sent.map(probe));
    // A connection beside a hook that receives says nothing of what that takes.
    let is_received_by_hook = received.is_some();
    let received = option_of(received.map(probe));
    let connections = handler
        .arguments
        .iter()
        .filter(|argument| has_connection && may_be_a_connection(argument))
        .map(|Argument { ty, .. }| {
            let by_argument = || quote! { <#runtime::Received<#ty>>::SCHEMA };
            let received = option_of((!is_received_by_hook).then(by_argument));
            quote! {
                #runtime::Conversation {
                    received: #received,
                    sent: <#runtime::Sent<#ty>>::SCHEMA,
                    message: <#runtime::Sent<#ty>>::DESCRIPTION,
                }
            }
        });
    let queries = handler.arguments.iter().filter_map(query);
    let queries = queries.map(|ty| probe(ty.to_token_stream()));
    let live = option(live.map(|live| pattern_of(runtime, &live)));
    Some(quote! {
        #[doc(hidden)]
        const __TOLD: #runtime::Told = {
            #[allow(unused_imports)]
            use #runtime::{NoDescription as _, NoSchema as _};
            #runtime::Told {
                sent: #sent,
                received: #received,
                connections: &[#(#connections),*],
                queries: &[#(#queries),*],
                live: #live,
            }
        };
    })
}

/// The field of the registration.
pub(super) fn field<K: Emit>(route: &Route<K>) -> Option<TokenStream> {
    let holder = match &route.handler.owner {
        Some(owner) => quote! { <#owner> },
        None => route.handler.holder().into_token_stream(),
    };
    is_on().then(|| quote! { told: #holder::__TOLD, })
}

/// A probe is an option itself.
fn option_of(probe: Option<TokenStream>) -> TokenStream {
    probe.unwrap_or_else(|| quote! { ::core::option::Option::None })
}

/// `T` of `Query<T>`, also in an `Option`.
fn query(Argument { ty, source }: &Argument) -> Option<&Type> {
    let Source::Request = source else { return None };
    let Type::Path(path) = ty else { return None };
    let inner = only_type(path.path.segments.last()?)?;
    if is_called(ty, &["Option"]) {
        let Type::Path(query) = inner else { return None };
        return is_called(inner, &["Query"])
            .then(|| only_type(query.path.segments.last()?))
            .flatten();
    }
    is_called(ty, &["Query"]).then_some(inner)
}

/// The endpoint type of the route that the key `live` names.
fn pattern_of(runtime: &Runtime, live: &Path) -> TokenStream {
    let span = live.span();
    let (door, route) = (runtime.at(span), Ident::new(LIVE, span));
    let import = import(live, &route);
    quote_spanned! {span=>
        {
            #[allow(unused_imports)]
            use #door::no_route::*;
            #[allow(non_camel_case_types, unused_imports)]
            #import
            <#route>::ROUTE
        }
    }
}

/// A type to be named elsewhere; none that has no name there.
pub(super) fn named(ty: &Type) -> Option<TokenStream> {
    (!is_opaque(ty)).then(|| ty.to_token_stream())
}

#[cfg(test)]
pub(crate) mod on {
    use std::cell::Cell;

    thread_local! {
        static IS_ON: Cell<bool> = const { Cell::new(false) };
    }

    pub(crate) fn is_on() -> bool {
        IS_ON.get()
    }

    /// Expands with the feature on.
    pub(crate) fn with<R>(expand: impl FnOnce() -> R) -> R {
        IS_ON.set(true);
        let expanded = expand();
        IS_ON.set(false);
        expanded
    }
}
