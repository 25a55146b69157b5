//! A macro that is exported under a name made from method, group and pattern: a second route of the
//! same ones in this crate, in whatever module, is a name defined twice, and rustc shows both
//! paths.

use proc_macro2::{Ident, TokenStream};
use quote::quote_spanned;
use syn::LitStr;

use super::Emit;
use crate::model::Route;
use crate::path::{Matches, Pattern, Piece};

pub(super) fn emit<K: Emit>(route: &Route<K>) -> TokenStream {
    // Every token on the literal: the error then underlines it, and blames no attribute.
    let span = route.path.span();
    let marker = Ident::new(
        &encode(route.options.method(), route.group.as_ref().map(LitStr::value), &route.pattern),
        span,
    );
    quote_spanned! {span=>
        #[doc(hidden)]
        #[macro_export]
        macro_rules! #marker { () => {} }
    }
}

/// Around the route, so that the error, "the name `..` is defined multiple times", says what is wrong and what
/// to do.
const BEFORE: &str = "the_route_";
const BEHIND: &str = "_is_defined_twice__change_the_path_or_the_group_of_one";

/// Different routes have different markers; names of parameters make no difference, and regexes count
/// as they are spelled. The runtime's `shape` (`ereo-runtime`, `route/pattern.rs`), which finds what
/// crates have in common, follows the same rule.
///
/// Letters and digits stand for themselves, two underscores for a slash, and anything else is a word or a
/// number between two underscores: `GET /rooms/{room}/feed` is `GET__rooms___any___feed`. Read from the left,
/// an underscore opens such a word unless a second one follows it; no word is a hexadecimal number.
fn encode(method: &str, group: Option<String>, pattern: &Pattern) -> String {
    let mut marker = String::from(BEFORE);
    push(&mut marker, method);
    for piece in &pattern.pieces {
        match piece {
            Piece::Text(text) => push(&mut marker, text),
            Piece::Parameter(parameter) => match &parameter.matches {
                Matches::Segment => marker.push_str("_any_"),
                Matches::Tail => marker.push_str("_rest_"),
                Matches::Regex(regex) => {
                    marker.push_str("_regex_");
                    push(&mut marker, regex);
                    marker.push_str("_end_");
                }
            },
        }
    }
    if let Some(group) = group {
        marker.push_str("_group_");
        push(&mut marker, &group);
    }
    marker.push_str(BEHIND);
    marker
}

fn push(marker: &mut String, text: &str) {
    for character in text.chars() {
        match character {
            '/' => marker.push_str("__"),
            '-' => marker.push_str("_dash_"),
            '.' => marker.push_str("_dot_"),
            _ if character.is_ascii_alphanumeric() => marker.push(character),
            _ => marker.push_str(&format!("_{:x}_", u32::from(character))),
        }
    }
}

#[cfg(test)]
mod tests;
