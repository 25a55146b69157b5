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
        &encode(K::METHOD, route.group.as_ref().map(LitStr::value), &route.pattern),
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
mod tests {
    use std::collections::HashMap;

    use super::{BEFORE, BEHIND, encode};
    use crate::path::Pattern;

    fn marker(group: Option<&str>, path: &str) -> String {
        let (pattern, faults) = Pattern::parse(path);
        assert_eq!(faults, [], "{path}");
        encode("GET", group.map(str::to_owned), &pattern)
    }

    #[test]
    fn names_of_parameters_make_no_difference() {
        assert_eq!(marker(None, "/rooms/{a}/x"), marker(None, "/rooms/{b}/x"));
        assert_eq!(marker(None, "/{a:[0-9]+}"), marker(None, "/{b:[0-9]+}"));
        assert_eq!(marker(None, "/{a}*"), marker(None, "/{b:.*}"));
        assert_eq!(marker(None, "/{a}"), marker(None, "/{b:[^/]+}"));
    }

    #[test]
    fn different_routes_have_different_markers() {
        let paths = [
            "/",
            "/a",
            "/a/",
            "/a_b",
            "/a-b",
            "/a__b",
            "/a_2d_b",
            "/_2f_",
            "/{x}",
            "/{x}*",
            "/{x:[0-9]}",
            "/{x}/{y}",
            "/{x}{y}",
            "/x",
            "/_",
            "/ü",
            "/A",
            "/GET",
            "/v1/a",
        ];
        let groups =
            [None, Some("v1"), Some("v1/"), Some("_"), Some("__"), Some("/"), Some("_2f_")];
        let mut seen = HashMap::new();
        for group in groups {
            for path in paths {
                let twin = seen.insert(marker(group, path), (group, path));
                assert_eq!(twin, None, "{group:?} {path}");
            }
        }
    }

    #[test]
    fn a_marker_reads_back() {
        // The decoder exists for this test only: what can be read back cannot clash.
        fn decode(marker: &str) -> String {
            let route = marker.strip_prefix(BEFORE).and_then(|route| route.strip_suffix(BEHIND));
            let mut route = route.expect("the sentence stands around the route");
            let mut text = String::new();
            while let Some(first) = route.chars().next() {
                if let Some(rest) = route.strip_prefix("__") {
                    text.push('/');
                    route = rest;
                } else if let Some(word) = route.strip_prefix('_') {
                    let (word, rest) =
                        word.split_once('_').expect("a word ends with an underscore");
                    text.push_str(&match word {
                        "dash" => "-".to_owned(),
                        "dot" => ".".to_owned(),
                        "any" => "{}".to_owned(),
                        "rest" => "{}*".to_owned(),
                        "regex" => "{:".to_owned(),
                        "end" => "}".to_owned(),
                        "group" => " group ".to_owned(),
                        number => {
                            let number = u32::from_str_radix(number, 16).expect("a number");
                            char::from_u32(number).expect("a character").to_string()
                        }
                    });
                    route = rest;
                } else {
                    text.push(first);
                    route = &route[1..];
                }
            }
            text
        }
        for (group, path) in [
            ("v_1", "/a_b/{x}/c__d"),
            ("__", "/_/-"),
            ("/", "/%25_2f_/{x}*"),
            ("v1", "/_slash_/.{x:[_-]{2}}"),
        ] {
            let decoded = decode(&marker(Some(group), path));
            assert_eq!(decoded, format!("GET{} group {group}", path.replace("{x", "{")));
        }
    }
}
