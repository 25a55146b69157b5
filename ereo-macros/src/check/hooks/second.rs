//! A second `impl` of one type with the attribute: rustc would tell of every name that is there twice, the user's
//! and the generated ones, and of each use of them.
//!
//! No macro sees another item. So a process remembers which types it has met in which file, and reads the file
//! where it meets one again: another module may well have a type of that name.

use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use proc_macro2::{Delimiter, Span, TokenStream, TokenTree};
use quote::ToTokens as _;

use crate::item::Block;

/// What was met so far: the file, and the type as it is spelled there.
static MET: Mutex<Option<HashSet<(PathBuf, String)>>> = Mutex::new(None);

/// Whether the same module has an `impl` of this type with the attribute above this one.
pub(super) fn is_second(block: &Block) -> bool {
    // Neither in this crate's own tests nor where a tool expands is there a file.
    if !proc_macro::is_available() || !block.conditions().is_empty() {
        return false;
    }
    // Infallible behind the question above: it panics only where there is no compiler.
    let Some(file) = Span::call_site().unwrap().local_file() else { return false };
    let owner = block.owner.to_token_stream().to_string();
    let mut met = MET.lock().unwrap_or_else(PoisonError::into_inner);
    let is_new = met.get_or_insert_default().insert((file.clone(), owner.clone()));
    drop(met);
    if is_new {
        return false;
    }
    let source = std::fs::read_to_string(file).unwrap_or_default();
    source.parse().is_ok_and(|tokens| has_two(tokens, &owner))
}

/// Whether a module, or any other block, has two of them that are always there.
fn has_two(tokens: TokenStream, owner: &str) -> bool {
    let mut count = 0;
    let mut head = Vec::new();
    for token in tokens {
        match token {
            TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => {
                if is_of(&head, owner) {
                    count += 1;
                }
                head.clear();
                if has_two(group.stream(), owner) {
                    return true;
                }
            }
            TokenTree::Punct(end) if end.as_char() == ';' => head.clear(),
            token => head.push(token),
        }
    }
    count > 1
}

/// Whether this, in front of a block, is the head of an `impl` of that type with the attribute.
fn is_of(head: &[TokenTree], owner: &str) -> bool {
    let is_word =
        |token: &TokenTree, word: &str| matches!(token, TokenTree::Ident(it) if it == word);
    let Some(at) = head.iter().rposition(|token| is_word(token, "impl")) else { return false };
    let (attributes, behind) = head.split_at(at);
    let named = |name: &str| {
        attributes.iter().any(|token| match token {
            TokenTree::Group(group) => {
                let words = group.stream().into_iter();
                let words = words.take_while(|token| !matches!(token, TokenTree::Group(_)));
                words.last().is_some_and(|last| is_word(&last, name))
            }
            _ => false,
        })
    };
    let ty: TokenStream = behind.iter().skip(1).cloned().collect();
    named("websocket") && !named("cfg") && ty.to_string() == owner
}

#[cfg(test)]
mod tests {
    use super::has_two;

    fn two(source: &str) -> bool {
        has_two(source.parse().expect("tokens"), "A")
    }

    #[test]
    fn two_of_one_module_are_seen() {
        assert!(two(
            "#[websocket(\"/a\")] impl A { fn a() {} } #[ereo::websocket(\"/b\")] impl A {}"
        ));
        assert!(two(
            "mod m { use x; struct A; #[websocket(\"/a\")] #[doc = \"\"] impl A {} #[websocket(\"/b\")] impl A {} }"
        ));
    }

    #[test]
    fn others_are_none_of_them() {
        assert!(!two("#[websocket(\"/a\")] impl A {} mod m { #[websocket(\"/b\")] impl A {} }"));
        assert!(!two("#[websocket(\"/a\")] impl A {} impl A {} #[websocket(\"/b\")] impl B {}"));
        assert!(!two(
            "#[cfg(a)] #[websocket(\"/a\")] impl A {} #[cfg(b)] #[websocket(\"/b\")] impl A {}"
        ));
        assert!(!two("#[websocket(\"/a\")] impl A {} #[sse(\"/b\")] async fn b() {} impl A {}"));
    }
}
