//! Errors are collected, not returned at the first: one compile shows every independent mistake of
//! an item.

use std::fmt::Display;

use proc_macro2::{Span, TokenStream};
use quote::ToTokens;
use syn::Error;

/// A sink of errors that outlives the first one. They come out in the order they went in, which the
/// checks keep to the order of the source.
#[derive(Default)]
pub(crate) struct Errors(Vec<Error>);

impl Errors {
    /// Records an error that underlines `tokens`.
    pub(crate) fn on(&mut self, tokens: impl ToTokens, message: impl Display) {
        self.push(Error::new_spanned(tokens, message));
    }

    /// Records an error at one span: for delimiters and for pieces of a literal, which are no
    /// tokens of their own.
    pub(crate) fn at(&mut self, span: Span, message: impl Display) {
        self.push(Error::new(span, message));
    }

    pub(crate) fn push(&mut self, error: Error) {
        self.0.push(error);
    }

    /// The value, or nothing after recording why.
    pub(crate) fn keep<T>(&mut self, result: syn::Result<T>) -> Option<T> {
        result.map_err(|error| self.push(error)).ok()
    }

    /// Puts `later`, errors that stand further down in the source, behind these.
    pub(crate) fn append(&mut self, later: Errors) {
        self.0.extend(later.0);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// The `compile_error!`s.
impl ToTokens for Errors {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        tokens.extend(self.0.iter().map(Error::to_compile_error));
    }
}

/// The candidate that `name` was most likely meant to be, if one is near enough: a third of the
/// letters may differ.
pub(crate) fn nearest<'a>(
    name: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    // Capitals and separators are another style, not another name: `onLag`, `on-lag`.
    let plain = |name: &str| name.replace(['_', '-'], "").to_lowercase();
    let name = plain(name);
    let allowed = (name.chars().count() / 3).max(1);
    candidates
        .into_iter()
        .map(|candidate| (strsim::damerau_levenshtein(&name, &plain(candidate)), candidate))
        .filter(|(distance, _)| *distance <= allowed)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::nearest;

    const KEYS: [&str; 4] = ["retry", "heartbeat", "group", "crate"];

    #[test]
    fn a_slip_of_the_keyboard_is_recognised() {
        assert_eq!(nearest("retyr", KEYS), Some("retry"));
        assert_eq!(nearest("onLag", ["on_lag"]), Some("on_lag"));
        assert_eq!(nearest("hartbeat", KEYS), Some("heartbeat"));
        assert_eq!(nearest("heart_beat", KEYS), Some("heartbeat"));
        assert_eq!(nearest("groups", KEYS), Some("group"));
    }

    #[test]
    fn another_word_is_not_guessed_at() {
        assert_eq!(nearest("timeout", KEYS), None);
        assert_eq!(nearest("id", KEYS), None);
    }

    #[test]
    fn the_nearest_of_several_wins() {
        assert_eq!(nearest("rooms", ["room", "roomy", "broom"]), Some("room"));
    }
}
