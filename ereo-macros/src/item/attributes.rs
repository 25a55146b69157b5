//! The attributes above an item, as far as they concern its route.

use proc_macro2::{Ident, TokenStream, TokenTree};
use syn::parse::{ParseStream, Parser as _};
use syn::{Attribute, Meta, Path};

const ROUTES: [&str; 3] = ["sse", "loader", "websocket"];

/// Those of actix-web, and of frameworks that call theirs the same.
const FOREIGN: [&str; 11] = [
    "get", "post", "put", "delete", "head", "connect", "options", "trace", "patch", "route",
    "routes",
];

/// An attribute that makes the item another route as well.
pub(crate) enum FurtherRoute {
    /// One of this library's, by its name.
    Own(Ident),
    /// One of another crate's, which makes a type of the function's name as well.
    Foreign(Path),
}

/// The attributes that make the item another route as well.
pub(crate) fn further_routes(attributes: &[Attribute]) -> Vec<FurtherRoute> {
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

/// The function without its `const`, of which its own error tells: rustc would refuse all that its body calls.
pub(crate) fn without_const(item: TokenStream) -> TokenStream {
    let is_word = |token: &TokenTree, word| matches!(token, TokenTree::Ident(it) if it == word);
    let mut in_head = true;
    let kept = item.into_iter().filter(|token| {
        in_head &= !is_word(token, "fn");
        !(in_head && is_word(token, "const"))
    });
    kept.collect()
}

fn route(attribute: &Attribute) -> Option<FurtherRoute> {
    let path = attribute.path();
    let (first, name) = (&path.segments.first()?.ident, &path.segments.last()?.ident);
    let is_alone = path.segments.len() == 1;
    if (is_alone || first == "ereo_runtime") && ROUTES.iter().any(|route| name == route) {
        return Some(FurtherRoute::Own(name.clone()));
    }
    // Without the crate's name, a path tells that the attribute is one of a route.
    let is_foreign =
        FOREIGN.iter().any(|route| name == route) && (!is_alone || has_path(attribute));
    is_foreign.then(|| FurtherRoute::Foreign(path.clone()))
}

/// Whether the first argument is a path such as `"/feed"`.
fn has_path(attribute: &Attribute) -> bool {
    let Meta::List(list) = &attribute.meta else { return false };
    let first = list.tokens.clone().into_iter().next().map(|token| token.to_string());
    first.is_some_and(|first| first.contains("\"/"))
}
