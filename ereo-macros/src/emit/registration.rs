//! The route's entry in the inventory, from which `routes()` builds the service.

use proc_macro2::TokenStream;
use quote::{ToTokens, format_ident, quote};

use super::{Emit, option};
use crate::item::spelled;
use crate::model::Route;

pub(super) fn emit<K: Emit>(route: &Route<K>) -> TokenStream {
    let Route { runtime, path, handler, .. } = route;
    let (conditions, name) = (&handler.conditions, &handler.name);
    let (kind, method) = (format_ident!("{}", K::VARIANT), K::METHOD);
    let group = option(route.group.as_ref().map(ToTokens::to_token_stream));
    let (owner, handler) = (handler.path(), spelled(name));
    let (assertions, message, call) = (K::assertions(route), K::message(route), K::call(route));
    quote! {
        #(#conditions)*
        const _: () = {
            #assertions
            #runtime::inventory::submit! {
                #runtime::RouteEntry {
                    kind: #runtime::Kind::#kind,
                    method: #method,
                    pattern: #path,
                    group: #group,
                    handler: ::core::concat!(::core::module_path!(), "::", #handler),
                    file: ::core::file!(),
                    line: ::core::line!(),
                    params: #owner::__PARAMS,
                    message: #message,
                    call: #call,
                }
            }
        };
    }
}
