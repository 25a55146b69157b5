//! The route's entry in the inventory, from which `routes()` builds the service.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};

use super::{Emit, contract, option};
use crate::item::spelled;
use crate::model::Route;

pub(super) fn emit<K: Emit>(route: &Route<K>) -> TokenStream {
    let Route { runtime, path, handler, .. } = route;
    let name = format!("::{}", spelled(&handler.name));
    let group = option(route.group.as_ref().map(ToTokens::to_token_stream));
    let parameters = route.pattern.parameters().map(|parameter| &parameter.name);
    let endpoint = K::endpoint(route);
    let told = contract::field(route);
    quote! {
        #runtime::inventory::submit! {
            #runtime::RouteEntry {
                pattern: #path,
                group: #group,
                handler: ::core::concat!(::core::module_path!(), #name),
                file: ::core::file!(),
                line: ::core::line!(),
                params: &[#(#parameters),*],
                endpoint: &#endpoint,
                #told
            }
        }
    }
}
