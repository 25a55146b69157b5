//! The attributes above an item, as far as they concern its route.

use proc_macro2::{Ident, TokenStream};
use syn::Attribute;
use syn::parse::{ParseStream, Parser as _};

const ROUTES: [&str; 3] = ["sse", "loader", "websocket"];

/// The names of the attributes that make the item another route as well.
pub(crate) fn further_routes(attributes: &[Attribute]) -> Vec<Ident> {
    attributes.iter().filter_map(route).collect()
}

/// Takes these attributes off the item: each would make a type of the same name, and the errors would
/// be about that.
pub(crate) fn without_routes(item: TokenStream) -> TokenStream {
    let split = |input: ParseStream<'_>| {
        Ok((input.call(Attribute::parse_outer)?, input.parse::<TokenStream>()?))
    };
    let Ok((attributes, rest)) = split.parse2(item.clone()) else {
        return item;
    };
    let kept = attributes.iter().filter(|attribute| route(attribute).is_none());
    quote::quote! { #(#kept)* #rest }
}

/// The attribute's name, if it is one of a route.
fn route(attribute: &Attribute) -> Option<Ident> {
    let segments = &attribute.path().segments;
    let (first, name) = (&segments.first()?.ident, &segments.last()?.ident);
    let is_ours = segments.len() == 1 || first == "ereo_runtime";
    (is_ours && ROUTES.iter().any(|route| name == route)).then(|| name.clone())
}
